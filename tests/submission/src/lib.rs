//! The submission as a node sees it: the one crate of the harness that depends on what students write.
//!
//! It is compiled again with each of their changes, so there is as little of it as possible.
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     node::main(submission::make)
//! }
//! ```
//!
//! # What it does not do
//!
//! It decides nothing and keeps nothing: it translates between the students' types and those of [`node`].

mod clerks;
mod disk;
mod make;
mod rafts;

pub use make::make;
pub use rafts::Unwritten;
