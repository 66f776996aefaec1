//! The ways to isolate a submission.

use serde::{Deserialize, Serialize};

/// What isolates a submission from the rest of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Isolation {
    /// Linux namespaces, set up by bubblewrap
    Bubblewrap,
    /// Landlock, without privileges or extra programs
    Landlock,
    /// Only limits on memory, file sizes and time
    None,
}

impl Isolation {
    /// The name used in records, if there is any isolation.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Isolation::Bubblewrap => Some("bwrap"),
            Isolation::Landlock => Some("landlock"),
            Isolation::None => None,
        }
    }
}
