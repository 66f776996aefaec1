//! Runs tests, each in processes of its own, and decides what the result is.
//!
//! Three kinds of processes make a run:
//!
//! - The *runner* is the parent of all. It starts the others, enforces the limits, and knows how each has ended.
//! - The *judge* holds the test, the network, the checks and the verdict. It is this same program, started once
//!   more. It holds no code of the submission, so the runner trusts it; if it ends without a verdict, that is
//!   a fault.
//! - A *node* is one life of a server, or a clerk: the submission. The judge orders nodes from the runner
//!   ([`nodes`]) and speaks with them over pipes. What a node does ends that node and no other process. Where
//!   submissions are graded, nodes are confined by the crate `isolation`.
//!
//! Where a run is recorded, the judge and each node have one more pipe to the runner, which collects what they say.
//! A node is heard about itself alone, and only so much.
//!
//! Which choices of a simulated run are left to chance is its *plan*; by default all are. The module `shrink` looks for
//! a plan that leaves as few as it can, so that a run still fails in the same way.
//!
//! Inside the judge, [`fail`] ends the test from any thread.
//!
//! A program of tests is a list of [cases](case::Case), given to [`main`]:
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use runner::case::{Case, Summary, Work};
//! use runner::{Class, Failure, fail};
//!
//! const CASES: &[Case] = &[Case {
//!     stage: "0A",
//!     name: "two_and_two",
//!     title: "two and two are four",
//!     limit: Duration::from_secs(10),
//!     optional: false,
//!     run: |_run| {
//!         let seen = 2 + 2;
//!         if seen != 4 {
//!             fail(Failure::new(Class::Assertion, "4".to_owned(), seen.to_string()));
//!         }
//!         Summary { seconds: 0.0, peers: 0, rpcs: 0, bytes: 0, work: Work::Commits(0) }
//!     },
//! }];
//!
//! fn main() -> std::process::ExitCode {
//!     runner::main(CASES)
//! }
//! ```
//!
//! It does not know what the processes say to each other: that is the business of the crates `protocol`,
//! `tests` and `node`. A program with servers looks at [`is_node`] first, and is one of them if it says so.

mod cargo_test;
pub mod case;
mod channel;
mod choices;
mod cli;
mod collector;
mod connection;
mod delays;
mod determinism;
mod exit;
mod explanations;
mod failure;
mod files;
mod interrupt;
mod json;
mod judge;
mod lab;
mod limits;
mod list;
mod locks;
mod logs;
mod node;
mod node_end;
pub mod nodes;
mod outcome;
mod output;
mod pages;
mod plan;
mod process;
pub mod processors;
mod programs;
mod queue;
mod recorder;
mod report;
mod reporter;
mod results;
mod screen;
mod selection;
mod serve;
mod session;
mod show;
mod shrink;
mod simulation;
mod sleepers;
mod stalls;
mod supervisor;
mod task;
mod text;
mod threads;
mod trial;
mod usage;
mod verdict;
mod workers;

pub use cli::{is_node, main};
pub use exit::Exit;
pub use failure::Failure;
pub use recorder::{record, record_save, record_sent};
pub use recording::Happening;
pub use records::{Class, Unplayed};
pub use reporter::{Explanation, fail, keep, note_unplayed, on_failure, threads_on_failure};
pub use stalls::stall_failure;
pub use threads::{describe_thread, runs_submission};
