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

// BEGIN INSTRUCTOR
//!
//! # To add a test
//!
//! Write a function `fn name(run: &Run) -> Summary` in the file of its stage under `suites`, and a line for it in
//! the `CASES` there: its name, a title that states the rule, and the function. Make a cluster, such as
//! [`harness::RaftCluster`], do something to it, say what must hold with `expect` or `fail`, and end with
//! `cluster.finish()`. A test that decides about single messages is a scene: `suites/script` says how to write
//! one. Whatever is left to chance comes from `cluster.draw`, so that a seed decides it; a fault that
//! happens or not from `cluster.by_chance`, so that a smaller run can do without it. Then
//!
//! - run it for hundreds of seeds: `cargo lab run 2B::name --sim --seeds 500`, and on the clock;
//! - run it with the solutions in `grading/honest`: a scene that no run has come to the end of is named at the end, and
//!   tests nothing of such a solution;
//! - break the solution on purpose, and see the test fail for the right reason;
//! - say in the lab's README what the test demands that the assignment did not say before;
//! - list it in `grading/rubric.toml`, with points or with `points = 0`.
//!
//! # To add a wrong solution
//!
//! Make one mistake in the solution, and save `git diff raft kvraft shardkv` as
//! `grading/bugs/what-is-wrong.patch`. Lines above the patch say which stage must notice it (`Stage:`), the rule
//! that it breaks (`Rule:`), and who makes it (`Source:`). The wrong place writes
//! `tracing::error!(target: "bug", "reached")`. Then `cargo grade bugs what-is-wrong` says how many seeds notice it.
//!
//! # To add a stage
//!
//! A stage is the word before `::` in the name of a test: the number of its lab and a capital letter. Add a file
//! under `suites` whose `CASES` have the new stage, and name it in `suites/mod.rs` and `suites/list.rs`. It is graded
//! if `grading/rubric.toml` has it, and a tag such as `// 2X: …` in the solution says what the handout leaves out.
// END INSTRUCTOR

pub mod harness;
mod nodes;
pub mod suites;

pub use runner::{self, case};
