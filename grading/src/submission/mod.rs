//! What students have handed in: which submissions there are, and which of their files count.

mod archive;
mod folder;
mod git;
mod list;
mod read;
mod select;
mod source_files;

pub(crate) use list::Submission;
pub(crate) use select::StudentFiles;
