//! Operations as the search sees them.

use crate::fingerprint::{Fingerprint, Power};

/// An operation as the search sees it.
#[derive(Debug)]
pub enum Step {
    /// A Get with its answer.
    Get(Fingerprint),
    /// A Put.
    Put(Fingerprint),
    /// An Append.
    Append(Suffix),
    /// A write that no Get shows.
    Unseen,
}

/// What an Append adds.
#[derive(Debug)]
pub struct Suffix {
    pub(super) value: Fingerprint,
    pub(super) power: Power,
    /// The value before it, if a Get shows that.
    pub(super) before: Option<Fingerprint>,
}
