//! Packing an autograder for Gradescope: this workspace without its solutions, and the two scripts that
//! Gradescope runs.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::NamedTempFile;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::files::{check_creatable, open_file};
use crate::handout::Handout;
use crate::scratch;
use crate::seeds::Secret;
use crate::tree;

const SETUP: &str = include_str!("../gradescope/setup.sh");
const RUN: &str = include_str!("../gradescope/run_autograder");

/// What the autograder should do.
pub(crate) struct Autograder {
    /// The stages to grade; all stages if empty.
    pub(crate) stages: Vec<String>,
    /// How many times each test runs.
    pub(crate) seeds: u64,
    /// How many minutes Gradescope allows.
    pub(crate) minutes: u64,
    /// The file with the secret for the seeds; a new secret if `None`.
    pub(crate) secret: Option<PathBuf>,
}

impl Autograder {
    /// Writes the archive.
    ///
    /// # Errors
    ///
    /// If the workspace cannot be read, or the archive cannot be written.
    pub(crate) fn pack(&self, out: &Path) -> Result<(), String> {
        check_replaceable(out)?;
        let secret = self.read_secret()?;
        let workspace = Handout::for_graders(&tree::root())?;
        let setup = SETUP.replace("@TOOLCHAIN@", &toolchain()?);
        // It contains the secret, so it is its owner's alone, as temporary files are.
        let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
        let write = || -> ZipResult<()> {
            let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
            let mut archive = Archive(ZipWriter::new(file));
            archive.add("setup.sh", setup.as_bytes(), EXECUTABLE)?;
            archive.add("run_autograder", self.run_script().as_bytes(), EXECUTABLE)?;
            archive.add("secret", &secret, PLAIN)?;
            for (path, content) in &workspace.files {
                archive.add(&format!("tree/{}", path.display()), content, PLAIN)?;
            }
            archive.0.finish()?.persist(out).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|error| format!("cannot write {}: {error}", out.display()))
    }

    fn read_secret(&self) -> Result<Vec<u8>, String> {
        let scratch = scratch::folder()?;
        let own = scratch.path().join("secret");
        let path = self.secret.as_deref().unwrap_or(&own);
        Secret::open(path)?;
        std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
    }

    fn run_script(&self) -> String {
        let stages = self.stages.join(",");
        let option = if stages.is_empty() { stages } else { format!("--stages {stages}") };
        RUN.replace("@SEEDS@", &self.seeds.to_string())
            .replace("@MINUTES@", &self.minutes.to_string())
            .replace("@STAGES@", &option)
    }
}

/// Checks that writing an archive loses nothing but an older one.
///
/// # Errors
///
/// If there is something else, or if no file can be made there.
fn check_replaceable(out: &Path) -> Result<(), String> {
    let show = out.display();
    if out.symlink_metadata().is_err() {
        return check_creatable(out);
    }
    let archive = open_file(out, "it").ok().map(ZipArchive::new);
    let is_own = |archive: ZipArchive<File>| {
        ["setup.sh", "run_autograder", "secret"]
            .iter()
            .all(|name| archive.index_for_name(name).is_some())
    };
    if archive.and_then(Result::ok).is_some_and(is_own) {
        return Ok(());
    }
    Err(format!("cannot write {show}: it exists and is not an autograder made by this program"))
}

/// The permissions of ordinary files.
const PLAIN: u32 = 0o644;

/// The permissions of programs.
const EXECUTABLE: u32 = 0o755;

struct Archive(ZipWriter<NamedTempFile>);

impl Archive {
    fn add(&mut self, name: &str, content: &[u8], permissions: u32) -> ZipResult<()> {
        let options = SimpleFileOptions::default().unix_permissions(permissions);
        self.0.start_file(name, options)?;
        Ok(self.0.write_all(content)?)
    }
}

/// The version of the installed compiler. The runs of a seed depend on it.
fn toolchain() -> Result<String, String> {
    let output = Command::new("rustc").arg("--version").output();
    let output = output.map_err(|error| format!("cannot start rustc: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().nth(1).ok_or("rustc does not print its version")?;
    Ok(version.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Autograder, File, ZipArchive, check_replaceable};

    #[test]
    fn only_an_autograder_is_overwritten() {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let path = |name| folder.path().join(name);
        assert_eq!(check_replaceable(&path("new.zip")), Ok(()));
        std::fs::write(path("README.md"), "mine").expect("the disk is writable");
        std::os::unix::fs::symlink("/nowhere", path("link")).expect("the disk is writable");
        for other in [&path("README.md"), folder.path(), &path("link"), Path::new("/dev/null")] {
            let problem = check_replaceable(other).expect_err("it is kept");
            assert!(problem.contains("is not an autograder"), "{problem}");
        }
        let autograder = Autograder { stages: Vec::new(), seeds: 1, minutes: 10, secret: None };
        for _ in ["written", "written again"] {
            autograder.pack(&path("autograder.zip")).expect("the disk is writable");
        }
        let archive = File::open(path("autograder.zip")).expect("it is there");
        let mut archive = ZipArchive::new(archive).expect("it is an archive");
        let script = archive.by_name("run_autograder").expect("it is packed");
        let script = std::io::read_to_string(script).expect("it is a text");
        assert!(script.contains("--minutes 10 --seeds 1 ") && !script.contains('@'), "{script}");
        assert!(autograder.pack(&path("README.md")).is_err());
        assert_eq!(std::fs::read_to_string(path("README.md")).expect("it is there"), "mine");
    }
}
