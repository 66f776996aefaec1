//! Changes of single students' points by the instructor, each with a reason that the student reads.
//!
//! They are applied in this order, whatever the order of the file: what handing in late costs, then all factors,
//! then all points. The result is never below 0.

mod adjustment;
mod apply;
mod file;
mod reader;

#[cfg(test)]
pub(crate) use adjustment::{Adjustment, Change};
pub(crate) use apply::{Step, adjusted};
pub(crate) use file::Adjustments;
