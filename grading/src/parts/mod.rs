//! Grading a class in parts, on several machines.
//!
//! A class is *split* once: that decides who is in which part. A [`Part`] is a folder of its own, with a log like
//! that of any grading, and can be graded anywhere, interrupted and resumed. It has the seeds, which are the same for
//! all, but not the secret. When all of it is done it is *sealed* with a key of its own. The merge, which has the
//! secret, takes sealed parts alone, and what comes out is what one machine would have found.

mod merge;
mod number;
mod part;
mod seal;
mod split;

#[cfg(test)]
mod tests;

pub(crate) use merge::merge;
pub(crate) use number::{MOST_PARTS, PartNumber, list};
pub(crate) use part::{Part, are_in};
pub(crate) use split::{check_split, check_unsplit, split};
