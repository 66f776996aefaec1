//! What students have handed in: which submissions there are, and which of their files count.
//!
//! Each submission is read by a process of its own ([`Reader`]), with limits on its memory and time. So no
//! file, however it was made, costs more than its student.

mod answer;
mod copies;
mod error;
mod folder;
mod git;
mod git_objects;
mod limits;
mod list;
mod name;
mod path;
mod process;
mod read;
mod reader;
mod select;
mod sources;
mod student_files;
mod tar;
mod zip;

pub(crate) use error::ReadError;
pub(crate) use list::Submission;
pub(crate) use name::is_usable;

pub(crate) use reader::{READER, Reader, read};
pub(crate) use student_files::StudentFiles;
