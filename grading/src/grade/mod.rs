//! Grading a class.

mod attempt;
mod grading;
mod pictures;
mod plan;
mod previous;
mod progress;
mod session;
mod submission_runs;
mod worker;

pub(crate) use grading::{Graded, Opened};
pub(crate) use plan::Plan;
