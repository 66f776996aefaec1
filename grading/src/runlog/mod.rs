//! The log of a grading, from which all results and reports are made. Lines are appended and never changed.

mod entry;
mod file;
mod harness;

pub(crate) use entry::{Build, Entry, Grading, Outcome, Picture, Run, VERSION, class, students};
pub(crate) use file::{RunLog, render};
pub(crate) use harness::Harness;
