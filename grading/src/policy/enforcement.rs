//! Whether the policy applies.

/// Whether submissions are checked for what they must not contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    Enforced,
    /// To test that the sandbox stops an attack which the policy would have stopped first.
    Skipped,
}

impl Policy {
    /// Whether the policy is enforced.
    pub(crate) fn is_enforced(self) -> bool {
        self == Policy::Enforced
    }
}
