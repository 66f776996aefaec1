//! The program's reader, and inputs for it.

use std::path::PathBuf;
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
    Files(Vec<(String, u64)>, serde::de::IgnoredAny),
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
        self.read_several(&[name], &[])
    }

    /// Reads several of them as one submission. Before they were renamed, they had these names.
    pub(crate) fn read_several(&self, files: &[&str], names: &[&str]) -> Answer {
        let names = names.iter().map(|name| format!("--name={name}"));
        let files = files.iter().map(|file| self.folder.path().join(file));
        read(names.collect(), files.collect())
    }
}

fn read(names: Vec<String>, files: Vec<PathBuf>) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grade"));
    command.arg("__read").args(names).arg("--").args(&files);
    let output = command.output().expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{files:?}: {errors}");
    let text = String::from_utf8(output.stdout).expect("answers are UTF-8");
    let (line, rest) = text.split_once('\n').expect("an answer is a line");
    match serde_json::from_str(line).expect("an answer is JSON") {
        Line::Files(found, _) => {
            Answer::Files(found.into_iter().map(|(path, _)| path).collect(), rest.to_owned())
        }
        Line::Refused(sentence) => Answer::Refused(sentence),
        Line::Fault(sentence) => panic!("{files:?}: a fault: {sentence}"),
    }
}

/// Writes a file, and creates the folders above it.
pub(crate) fn put(path: PathBuf, content: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it is writable");
    std::fs::write(path, content).expect("the disk is writable");
}
