//! What carries the calls of client ends.

use crate::message::EndId;
use crate::outcome::Outcome;

/// Carries calls to their servers: a network in this process, or a connection to one elsewhere.
///
/// Any number of threads make calls at the same time.
pub trait Transport: Send + Sync {
    /// Makes a call on an end and waits for its outcome, for 7 seconds at most.
    fn call(&self, end: EndId, method: &str, args: Vec<u8>) -> Outcome;
}
