//! Compiling submissions.
//!
//! Everything that submissions have in common, the dependencies and the parts of the workspace that students
//! do not write, is compiled once, with stubs in place of the students' files. Each submission gets a view of
//! that in the sandbox, so that only a few crates are left to compile: its own, what a node sees of them, and
//! the program.
//!
//! The program of the base is the one that judges: it holds no code of a submission. A submission's program
//! runs only as its nodes.

mod base;
mod builder;
mod error;
mod messages;
mod script;
mod watch;
mod workspace;

pub(crate) use builder::{BuildOptions, Builder};
pub(crate) use error::BuildError;
pub(crate) use workspace::Workspace;
