//! Packing an autograder for Gradescope: this workspace without its solutions, and the two scripts that
//! Gradescope runs.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use zip::ZipWriter;
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;

use crate::handout::Handout;
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
        let workspace = Handout::for_graders(&tree::root())?;
        let secret = self.read_secret()?;
        let setup = SETUP.replace("@TOOLCHAIN@", &toolchain()?);
        let write = || -> ZipResult<()> {
            let mut archive = Archive(ZipWriter::new(File::create(out)?));
            archive.add("setup.sh", setup.as_bytes(), EXECUTABLE)?;
            archive.add("run_autograder", self.run_script().as_bytes(), EXECUTABLE)?;
            archive.add("secret", &secret, PLAIN)?;
            for (path, content) in &workspace.files {
                archive.add(&format!("tree/{}", path.display()), content, PLAIN)?;
            }
            archive.0.finish()?;
            Ok(())
        };
        write().map_err(|error| format!("cannot write {}: {error}", out.display()))
    }

    fn read_secret(&self) -> Result<Vec<u8>, String> {
        let scratch = tempfile::tempdir()
            .map_err(|error| format!("cannot create a temporary folder: {error}"))?;
        let own = scratch.path().join("secret");
        let path = self.secret.as_deref().unwrap_or(&own);
        Secret::open(path)?;
        std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
    }

    fn run_script(&self) -> String {
        let stages = self.stages.join(",");
        let option = if stages.is_empty() { stages } else { format!("--stages {stages}") };
        RUN.replace("@SEEDS@", &self.seeds.to_string()).replace("@STAGES@", &option)
    }
}

/// The permissions of ordinary files.
const PLAIN: u32 = 0o644;

/// The permissions of programs.
const EXECUTABLE: u32 = 0o755;

struct Archive(ZipWriter<File>);

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
