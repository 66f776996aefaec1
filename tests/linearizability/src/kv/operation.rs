//! Get, Put and Append.

/// An operation on one key. A key that was never written holds the empty text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The key.
    pub key: String,
    /// What the operation does.
    pub action: Action,
}

/// What an operation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Reads the value.
    Get {
        /// The answer; `None` if the call has not returned.
        value: Option<String>,
    },
    /// Replaces the value.
    Put {
        /// The new value.
        value: String,
    },
    /// Adds to the end of the value.
    Append {
        /// The text to add.
        value: String,
    },
}

impl Action {
    /// The value that it writes, if it writes one.
    pub(super) fn written(&self) -> Option<&str> {
        match self {
            Action::Get { .. } => None,
            Action::Put { value } | Action::Append { value } => Some(value),
        }
    }
}
