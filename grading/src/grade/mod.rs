//! Grading a class.

mod attempt;
mod grading;
mod missing;
mod pictures;
mod plan;
mod previous;
mod same_files;
mod session;
mod submission_runs;
mod worker;

pub(crate) use grading::grade;
pub(crate) use plan::Plan;
