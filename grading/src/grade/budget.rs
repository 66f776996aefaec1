//! The processor time of a submission.

use std::time::Duration;

use parking_lot::Mutex;

/// The processor time that is left for all runs of a submission. The workers that run its tests share it.
pub(super) struct Budget(Mutex<Duration>);

impl Budget {
    /// So much is left.
    pub(super) fn of(left: Duration) -> Self {
        Budget(Mutex::new(left))
    }

    /// What is left.
    pub(super) fn left(&self) -> Duration {
        *self.0.lock()
    }

    /// Takes from what is left, as far as there is so much. Returns what was taken.
    pub(super) fn take(&self, used: Duration) -> Duration {
        let mut left = self.0.lock();
        let taken = used.min(*left);
        *left -= taken;
        taken
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Budget;

    #[test]
    fn no_more_is_taken_than_is_left() {
        let seconds = Duration::from_secs;
        let budget = Budget::of(seconds(10));
        assert_eq!(budget.take(seconds(4)), seconds(4));
        assert_eq!(budget.take(Duration::MAX), seconds(6));
        assert_eq!((budget.left(), budget.take(seconds(1))), (Duration::ZERO, Duration::ZERO));
    }
}
