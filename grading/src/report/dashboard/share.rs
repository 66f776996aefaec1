//! Shares of the students.

use records::Interval;

/// How many of the students something holds for.
pub(super) struct Share {
    pub(super) count: u64,
    pub(super) all: u64,
}

impl Share {
    /// As a percentage; of no students, 0.
    pub(super) fn percent(&self) -> f64 {
        100.0 * self.count as f64 / self.all.max(1) as f64
    }

    /// Wilson's 95 % confidence interval in percent, with students as the unit.
    pub(super) fn range(&self) -> String {
        let Interval { low, high } = Interval::of(self.count, self.all);
        format!("{:.0}-{:.0} %", 100.0 * low, 100.0 * high)
    }
}
