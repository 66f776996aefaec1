//! The process of one life of a server, or of a clerk.

use std::process::ExitCode;

/// Is this process.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
