//! Everything that judges: the runner, the harness with the cluster under test, and the suites.
//!
//! - [`runner`](mod@runner) runs each test in its own process and decides its result.
//! - `nodes` are the processes of the submission, which the harness starts and talks to.
//! - [`harness`] starts servers, crashes them and cuts them off, and checks what must hold at all times.
//! - [`suites`] holds the tests themselves, stage by stage.
//!
//! This crate knows nothing of the submission's code: it is built and started apart from it. Servers always are
//! processes of their own, on both clocks and on every system. A second way to run them, as threads of the
//! test, would have to be tested and explained as well, and what a grader sees could then not always be seen
//! on a student's machine. `labrpc` alone still has servers within a process, for small programs and
//! benchmarks.

pub mod harness;
mod nodes;
pub mod suites;

pub use runner::{self, case};
