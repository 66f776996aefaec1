//! Runs tests, each in a process of its own, and decides what became of them.
//!
//! The parent starts this same program once more for each test. Over a socket it tells the child what
//! to run, with a fresh key; the child answers with one record that carries the key. The parent holds
//! the limits. A child that ends without a record has failed, whatever it printed and whatever its exit
//! code; a stuck, crashed or greedy submission ends its own test and no other.
//!
//! Inside the child, [`fail`] ends the test from any thread.

pub mod case;
mod channel;
mod child;
mod cli;
mod determinism;
mod interrupt;
mod json;
mod lockdown;
mod logging;
mod plan;
mod process;
mod report;
mod serve;
mod session;
mod stalls;
mod verdict;

pub use child::{fail, keep, on_failure};
pub use cli::{Exit, main};
pub use records::Class;
pub use verdict::Failure;
