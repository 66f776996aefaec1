//! How long the input of a decoder may be, and how much memory it may cost.

/// The longest input that [`decode`](crate::decode()) accepts.
pub const MAX_BYTES: usize = 64 << 20;

/// Inputs up to this length may cost less memory than longer ones.
pub(crate) const MEDIUM: usize = 1 << 20;

/// How many bytes of memory a value may take for each byte of input. An integer that is encoded in one
/// byte takes up to 16.
pub(crate) const MEMORY_PER_BYTE: usize = 32;
