//! What the checks have found.

use crate::report::say;

/// How many claims hold, and how many do not.
#[derive(Default)]
pub(super) struct Findings {
    held: usize,
    broken: usize,
}

impl Findings {
    /// Notes and prints whether a claim holds; `seen` is what was seen instead.
    pub(super) fn note(&mut self, claim: &str, holds: bool, seen: &str) {
        if holds {
            self.held += 1;
            say(&format!("  ok  {claim}"));
        } else {
            self.broken += 1;
            say(&format!("  NO  {claim}\n      {seen}"));
        }
    }

    /// Whether all claims hold.
    pub(super) fn all_hold(&self) -> bool {
        self.broken == 0
    }

    /// A line for the end.
    pub(super) fn summary(&self) -> String {
        format!("{} of {} checks hold", self.held, self.held + self.broken)
    }
}
