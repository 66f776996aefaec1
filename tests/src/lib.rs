//! Everything that judges: the runner, the cluster under test, and the suites.
//!
//! - [`runner`](mod@runner) runs each test in a process of its own and decides what became of it.
//! - [`cluster`] starts servers, crashes them and cuts them off, and checks what must always hold.
//! - [`suites`] holds the tests themselves, stage by stage.

pub mod cluster;
pub mod suites;

pub use runner::{self, case};
