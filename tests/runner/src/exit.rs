//! The exit codes of the program.

use std::process::ExitCode;

/// How the program ends; the number is its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All tests passed.
    Passed = 0,
    /// A test failed.
    Failed = 1,
    /// The arguments or the environment are wrong.
    Usage = 2,
    /// The harness failed, or the machine was too busy, so that a test has neither passed nor failed.
    NoVerdict = 4,
    /// The run was interrupted.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
