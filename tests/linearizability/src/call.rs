//! What a history consists of.

/// One call of one client, as it was recorded.
///
/// Times are nanoseconds on one clock. A call is stamped before anything of it is sent, and its return
/// after everything of it has arrived. Both ends belong to the call: two calls of which one begins in the
/// instant in which the other ends overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call<O> {
    /// Who called. A client makes one call at a time.
    pub client: usize,
    /// When the call began.
    pub called: u64,
    /// When it returned; at `called` or later. `None` if it never did: then it may have taken effect at
    /// any time since, or never.
    pub returned: Option<u64>,
    /// What was asked, and what was answered.
    pub operation: O,
}
