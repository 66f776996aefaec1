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
        let own = own_program()?;
        Ok(Programs { judge: Program::open(&own)?, node: Program::open(&own)? })
    }
}

/// The program that is running, even if it has been built again since it was started.
pub(crate) fn own_program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        Ok(Path::new("/proc/self/exe").to_owned())
    } else {
        std::env::current_exe()
    }
}
