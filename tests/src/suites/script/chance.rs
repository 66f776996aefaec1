//! What a scene says when chance has prevented one of its steps.

/// A step that did not happen in this cluster, in words.
#[derive(Debug)]
pub(in crate::suites) struct Chance(pub(in crate::suites) String);

impl Chance {
    /// `Err` with this step unless it happened.
    pub(in crate::suites) fn unless(happened: bool, step: &str) -> Result<(), Chance> {
        if happened { Ok(()) } else { Err(Chance(step.to_owned())) }
    }
}
