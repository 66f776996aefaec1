//! What students have handed in: which submissions there are, and which of their files count.
//!
//! Each submission is read by a process of its own ([`Reader`]), with limits on its memory and time. So no
//! file, however it was made, costs more than its student.

mod answer;
mod copies;
mod directory;
mod download;
mod error;
mod find;
mod folder;
mod full_name;
mod git;
mod git_objects;
mod handed_in;
mod input;
mod label;
mod limits;
mod loose_modules;
mod matched;
mod metadata;
mod name;
mod only;
mod path;
mod process;
mod reader;
mod select;
mod selected;
mod self_named;
mod sources;
mod student_files;
mod tar;
mod zip;

pub(crate) use error::ReadError;
pub(crate) use handed_in::HandedIn;
pub(crate) use input::Submission;
pub(crate) use name::is_usable;

pub(crate) use reader::{READER, Reader, read};
pub(crate) use selected::Origin;
pub(crate) use student_files::StudentFiles;
