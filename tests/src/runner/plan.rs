//! Which tests to run, on which clock, and with which seeds.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::case::Case;

/// What a test's time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Clock {
    /// The time of the day; threads run as the system lets them.
    Real,
    /// Virtual time; the seed decides which thread runs.
    Sim,
}

/// One run of one test.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) case: Case,
    pub(super) seed: u64,
    pub(super) clock: Clock,
    /// Where a simulation writes all its events.
    pub(super) trace: Option<PathBuf>,
    /// The processor that the run is bound to.
    pub(super) processor: Option<usize>,
}

/// Which tests are meant.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    /// A test is meant if any of these is part of its name; none means all.
    pub(super) filters: Vec<String>,
    /// Parts of names that exclude a test.
    pub(super) skip: Vec<String>,
    /// Whether filters and skips are whole names.
    pub(super) exact: bool,
}

impl Selection {
    pub(super) fn apply(&self, cases: &[Case]) -> Vec<Case> {
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

/// Reads a seed, written in decimal or as `0x` and hexadecimal digits.
pub(super) fn parse_seed(text: &str) -> Result<u64, String> {
    let seed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    seed.map_err(|_| format!("\"{text}\" is no seed: write a number such as 17 or 0x5f3a"))
}

/// A seed as reports write it.
pub(super) fn show_seed(seed: u64) -> String {
    format!("0x{seed:x}")
}

/// A seed that has likely never been used: short enough to type.
pub(super) fn fresh_seed() -> u64 {
    u64::from(rand::random::<u32>())
}
