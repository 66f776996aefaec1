//! Which tests to run, on which clock, and with which seeds.

use std::path::PathBuf;

use records::{Clock, Seed};

use crate::case::Case;

/// One run of one test.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) case: Case,
    pub(crate) seed: Seed,
    pub(crate) clock: Clock,
    /// Where a simulation writes all its events.
    pub(crate) trace: Option<PathBuf>,
    /// Whether the submission is kept from the system.
    pub(crate) confined: bool,
    /// The processor that the run is bound to.
    pub(crate) processor: Option<usize>,
}

/// Which tests are meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// A test is meant if any of these is part of its name; none means all.
    pub(crate) filters: Vec<String>,
    /// Parts of names that exclude a test.
    pub(crate) skip: Vec<String>,
    /// Whether filters and skips are whole names.
    pub(crate) exact: bool,
}

impl Selection {
    pub(crate) fn apply(&self, cases: &[Case]) -> Vec<Case> {
        let matches = |name: &str, pattern: &String| {
            if self.exact { name == pattern } else { name.contains(pattern.as_str()) }
        };
        let meant = |case: &&Case| {
            let name = case.id();
            (self.filters.is_empty() || self.filters.iter().any(|filter| matches(&name, filter)))
                && !self.skip.iter().any(|skip| matches(&name, skip))
        };
        cases.iter().filter(meant).copied().collect()
    }
}

/// A seed that has likely never been used: short enough to type.
pub(crate) fn fresh_seed() -> Seed {
    Seed(u64::from(rand::random::<u32>()))
}
