//! Everything that an instructor runs: `cargo grade …`.
//!
//! A submission goes from hand to hand: `submission` takes the students' files out of whatever was handed
//! in, `policy` looks for what they may not contain, `workshop` compiles them, `warden` has tests run,
//! and `grade` writes a line of the `runlog` for each run. `standing` works out the results from that
//! log and the `rubric`, and `report` shows them. Code of submissions is compiled and run inside of the
//! `sandbox` only.

mod cli;
mod grade;
mod gradescope;
mod handout;
mod interrupt;
mod policy;
mod repeat;
mod report;
mod rubric;
mod runlog;
mod sandbox;
mod seeds;
mod selfcheck;
mod stages;
mod standing;
mod submission;
mod toolchain;
mod tree;
mod warden;
mod workshop;

pub use cli::main;
