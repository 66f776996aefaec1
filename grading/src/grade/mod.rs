//! Grading a class.

mod attempt;
mod budget;
mod compiled;
mod grading;
mod missing;
pub(crate) mod pictures;
mod plan;
mod previous;
mod progress;
mod same_files;
mod session;
mod submission_runs;
mod tests_left;
mod work;
mod worker;

pub(crate) use grading::{Graded, Opened};
pub(crate) use plan::Plan;
