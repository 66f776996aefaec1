//! How good the tests are: known wrong solutions, and how reliably the tests notice them.
//!
//! Each file in `grading/bugs` is a patch for the solution. Its header says which stage must notice it and
//! which rule it breaks; a mark in the patched code says when a run has come to the mistake:
//!
//! ```text
//! Stage: 2B
//! Rule: A candidate whose log is behind gets no vote (section 5.4.1).
//! Source: course repositories
//! Seldom: why few runs can show it, if that is so
//! ```
//!
//! `measure` compiles each one and runs the tests of its stage, `tally` and `worth` say what came of it, and
//! `table` and `markdown` show that.

mod bug;
mod corpus;
mod mark;
mod markdown;
mod measure;
mod patch;
mod queue;
mod table;
mod tally;
mod worth;

pub(crate) use corpus::Chosen;
pub(crate) use markdown::page;
pub(crate) use measure::{Measurement, measure};
pub(crate) use table::{row, summary, tests};
pub(crate) use tally::{Finding, Tally, all_noticed};
