//! Reading the students' files from whatever was handed in.

use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};

use super::list::Submission;
use super::select::{StudentFiles, select};
use super::source_files::{SourceFiles, read_limited};
use super::{archive, folder, git};
use crate::sandbox::Sandbox;
use crate::tree;

/// The largest single file or archive that is opened, in bytes.
const ARCHIVE_LIMIT: u64 = 32 << 20;

impl Submission {
    /// Reads the students' files from what was handed in.
    ///
    /// # Errors
    ///
    /// What is wrong with the submission, in a sentence for the student.
    pub(crate) fn read_files(&self, sandbox: &Sandbox) -> Result<StudentFiles, String> {
        let metadata = std::fs::symlink_metadata(&self.path)
            .map_err(|error| format!("cannot read it: {error}"))?;
        check_kind_and_size(&metadata)?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let sources = if git::is_repository(&self.path) {
            git::sources(&self.path, sandbox)?
        } else if metadata.is_dir() {
            folder::sources(&self.path)?
        } else if name.ends_with(".zip") {
            archive::from_zip(&self.path)?
        } else if name.ends_with(".tar.gz") || name.ends_with(".tgz") {
            archive::from_tar(&self.path)?
        } else if name.ends_with(".rs") {
            single_file(&self.path)?
        } else {
            return Err(
                "it must be a .rs file, a folder, a .zip, a .tar.gz or a git repository".to_owned()
            );
        };
        select(sources)
    }
}

fn check_kind_and_size(metadata: &Metadata) -> Result<(), String> {
    if metadata.is_symlink() {
        return Err("it is a link: hand in the files themselves".to_owned());
    }
    if metadata.is_file() && metadata.len() > ARCHIVE_LIMIT {
        let (size, limit) = (metadata.len() >> 20, ARCHIVE_LIMIT >> 20);
        return Err(format!("it is {size} MiB large; the limit is {limit} MiB"));
    }
    Ok(())
}

/// A file on its own counts as the first of the students' files, whatever it is called.
fn single_file(path: &Path) -> Result<SourceFiles, String> {
    let file = File::open(path).map_err(|error| format!("cannot read it: {error}"))?;
    let name = Path::new(tree::LABS[0].files[0]).file_name().unwrap_or_default();
    Ok(SourceFiles::from([(PathBuf::from(name), read_limited(file, path)?)]))
}
