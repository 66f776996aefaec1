//! What a scene says when chance has prevented one of its steps.

/// A step that did not happen in this cluster.
#[derive(Debug)]
pub(in crate::suites) struct Chance {
    /// What should have happened, in words.
    pub(super) step: String,
    /// Whether chance seldom prevents it.
    pub(super) is_rare: bool,
}

impl Chance {
    /// This step did not happen.
    pub(in crate::suites) fn prevented(step: String) -> Self {
        Chance { step, is_rare: false }
    }

    /// Chance prevents this step seldom, for the reason given, so [`play`](super::play) fails the test if it never happens.
    pub(in crate::suites) fn seldom(self, why: &str) -> Self {
        Chance { step: format!("{}: {why}", self.step), is_rare: true }
    }

    /// `Err` with this step unless it happened.
    pub(in crate::suites) fn unless(happened: bool, step: &str) -> Result<(), Chance> {
        if happened { Ok(()) } else { Err(Chance::prevented(step.to_owned())) }
    }
}
