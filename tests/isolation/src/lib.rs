//! Starts the processes of a run, and confines those that hold a submission.

mod process;
mod program;

pub use process::{Process, Usage};
pub use program::{Group, Program, Start, Variables};
