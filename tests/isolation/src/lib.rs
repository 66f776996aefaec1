//! Starts the processes of a run, and confines those that hold a submission.

mod limits;
mod process;
mod program;

pub use limits::{CPU_LIMIT, CPU_SIGNAL};
/// The argument of a process that is confined.
pub const CONFINED_ARGUMENT: &str = "--confined";

/// TODO
pub fn enter() -> Result<Vec<String>, String> {
    Ok(Vec::new())
}

pub use process::{Process, Usage};
pub use program::{Group, Program, Start, Variables};
