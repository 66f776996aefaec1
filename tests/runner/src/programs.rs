//! The programs of which the processes of a run are made.

use std::io;
use std::path::{Path, PathBuf};

use isolation::Program;

/// The programs of the judge and of the nodes.
pub(crate) struct Programs {
    pub(crate) judge: Program,
    pub(crate) node: Program,
}

impl Programs {
    /// This program for both; nodes are not confined.
    ///
    /// # Errors
    ///
    /// If its file cannot be read.
    pub(crate) fn own() -> io::Result<Self> {
        Ok(Programs { judge: own()?, node: own()? })
    }
}

/// This program, even if it has been built again since it was started.
///
/// # Errors
///
/// If its file cannot be read.
pub(crate) fn own() -> io::Result<Program> {
    let path = if cfg!(target_os = "linux") {
        PathBuf::from("/proc/self/exe")
    } else {
        std::env::current_exe()?
    };
    Program::open(Path::new(&path))
}
