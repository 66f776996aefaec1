//! The program's reader, and inputs for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use tempfile::TempDir;

use super::{archives, folders, repositories};

/// What a submission's only file may be.
pub(crate) const SOURCE: &[u8] = b"// a source file\n";

/// What the reader says.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The paths of the student's files, and all their text.
    Files(Vec<String>, String),
    Refused(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Files(Vec<(String, u64)>),
    Refused(String),
    Fault(String),
}

/// Everything that is handed in.
pub(crate) struct Inputs {
    folder: TempDir,
}

impl Inputs {
    /// Writes all inputs to a folder.
    pub(crate) fn create() -> Self {
        let folder = tempfile::tempdir().expect("the disk is writable");
        archives::create(folder.path());
        folders::create(folder.path());
        repositories::create(folder.path());
        Inputs { folder }
    }

    /// Reads one of them.
    pub(crate) fn read(&self, name: &str) -> Answer {
        read(&self.folder.path().join(name))
    }
}

fn read(path: &Path) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grade"));
    let output = command.args(["__read", "--"]).arg(path).output().expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", path.display());
    let text = String::from_utf8(output.stdout).expect("answers are UTF-8");
    let (line, rest) = text.split_once('\n').expect("an answer is a line");
    match serde_json::from_str(line).expect("an answer is JSON") {
        Line::Files(files) => {
            Answer::Files(files.into_iter().map(|(path, _)| path).collect(), rest.to_owned())
        }
        Line::Refused(sentence) => Answer::Refused(sentence),
        Line::Fault(sentence) => panic!("{}: a fault: {sentence}", path.display()),
    }
}

/// Writes a file, and creates the folders above it.
pub(crate) fn put(path: PathBuf, content: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it is writable");
    std::fs::write(path, content).expect("the disk is writable");
}
