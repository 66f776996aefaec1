//! Runs tests, each in its own process, and decides what the result is.
//!
//! For each test the parent starts this same program once more. It sends the child a job over a socket:
//! what to run, and a fresh key. The child answers with one record that carries the key. The parent
//! enforces the limits. A child that ends without a record has failed, whatever it printed and whatever
//! its exit code. A submission that hangs, crashes or uses too much ends its own test and no other.
//!
//! Inside the child, [`fail`] ends the test from any thread.
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
//! It cannot stop a submission that breaks out of safe Rust: such code shares the child with the harness,
//! and could read the key.

mod cargo_test;
pub mod case;
mod channel;
mod cli;
mod connection;
mod delays;
mod determinism;
mod exit;
mod failure;
mod interrupt;
mod json;
mod judge;
mod lab;
mod limits;
mod list;
mod node;
mod node_end;
pub mod nodes;
mod outcome;
mod output;
mod process;
mod processors;
mod programs;
mod queue;
mod report;
mod reporter;
mod results;
mod screen;
mod selection;
mod serve;
mod session;
mod simulation;
mod sleepers;
mod stalls;
mod supervisor;
mod task;
mod text;
mod threads;
mod usage;
mod verdict;
mod workers;

pub use cli::{is_node, main};
pub use exit::Exit;
pub use failure::Failure;
pub use records::Class;
pub use reporter::{fail, keep, on_failure, threads_on_failure};
pub use stalls::stall_failure;
pub use threads::{describe_thread, describe_threads};
