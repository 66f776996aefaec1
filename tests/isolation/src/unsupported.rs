//! Systems other than Linux: processes start, but nothing confines them.

use std::io;
use std::os::fd::AsFd;

fn unsupported() -> String {
    "processes are confined on Linux only".to_owned()
}

/// What confines the processes of a program: there is none.
#[derive(Debug, Clone)]
pub(crate) enum Confinement {}

impl Confinement {
    pub(crate) fn new(_program: impl AsFd) -> Result<Self, String> {
        Err(unsupported())
    }

    pub(crate) fn limits_files(&self) -> bool {
        match *self {}
    }

    pub(crate) fn apply(&mut self) -> io::Result<()> {
        match *self {}
    }
}

pub(crate) fn confine_self() -> Result<Vec<String>, String> {
    Err(unsupported())
}
