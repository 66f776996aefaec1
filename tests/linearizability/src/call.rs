//! The calls of a history.

/// A recorded call of one client.
///
/// Times are nanoseconds on one clock. The call is stamped before its request is sent, and the return
/// after its reply has arrived. Both ends belong to the call: if one call ends in the instant in which
/// another begins, they overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call<O> {
    /// Who called. A client makes one call at a time.
    pub client: usize,
    /// When the call began.
    pub called: u64,
    /// When it returned; at `called` or later. `None` if it never did: it may have taken effect at any
    /// time since `called`, or never.
    pub returned: Option<u64>,
    /// The request and its answer.
    pub operation: O,
}
