//! The reports for instructors, students and their course systems. They are made from the log, the rubric
//! and the adjustments alone, and always come out the same from the same ones.

mod comment;
mod dashboard;
mod database;
mod editable;
mod feedback;
mod files_taken;
mod gradebook;
mod gradescope;
mod hint;
mod junit;
mod live;
mod page;
mod pictures;
mod terminal;
mod text;
mod visibility;
mod write;

pub(crate) use comment::comment;
pub(crate) use feedback::markdown;
pub(crate) use live::write_results;
pub(crate) use terminal::{complain, say, summary};
pub(crate) use visibility::{Seeds, StudentView};
pub(crate) use write::write_all;

#[cfg(test)]
mod adjusted;
#[cfg(test)]
mod gradescope_format;
#[cfg(test)]
mod handing_in;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod junit_schema;
#[cfg(test)]
mod looks;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
pub(crate) mod tests;
