//! Compiling submissions.
//!
//! Everything that submissions have in common, the dependencies and the parts of the workspace that students
//! do not write, is compiled once, with stubs in place of the students' files. Each submission gets a copy of
//! that in the sandbox, so that only a few crates are left to compile: its own, the suites, and the program.

mod base;
mod builder;
mod error;
mod messages;
mod script;
mod time_limit;

pub(crate) use builder::{Builder, Program};
pub(crate) use error::BuildError;
