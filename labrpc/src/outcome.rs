//! How calls end.

use crate::refusal::Refusal;

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The handler ran, and this is its encoded reply.
    Reply(Vec<u8>),
    /// No reply came. The handler may have run nevertheless.
    Failed,
    /// The server could not execute the call; the same call would be refused again.
    Refused(Refusal),
}
