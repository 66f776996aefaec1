//! Bringing results to where a university needs them: the gradebooks of course systems, and the tools that look
//! for copied code.
//!
//! Points are exported only when they are final, and only to people who can be told apart. Whoever is left out
//! is named in a sentence.

mod autolab;
mod canvas;
mod class;
mod classroom50;
mod dolos;
mod gradebook;
mod jplag;
mod moodle;
mod output;
mod own_code;
mod rows;
mod table;

pub(crate) use autolab::Autolab;
pub(crate) use canvas::Canvas;
pub(crate) use class::Class;
pub(crate) use classroom50::Classroom50;
pub(crate) use dolos::Dolos;
pub(crate) use jplag::Jplag;
pub(crate) use moodle::Moodle;
pub(crate) use output::{Exported, check_free};

#[cfg(test)]
mod tests;
