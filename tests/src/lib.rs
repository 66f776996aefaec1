//! Everything that judges: the runner, the harness with the cluster under test, and the suites.
//!
//! - [`runner`](mod@runner) runs each test in its own process and decides its result.
//! - `nodes` are the processes of the submission, which the harness starts and talks to.
//! - [`harness`] starts servers, crashes them and cuts them off, and checks what must hold at all times.
//! - [`suites`] holds the tests themselves, stage by stage.

pub mod harness;
mod nodes;
pub mod suites;

pub use runner::{self, case};
