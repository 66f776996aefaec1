//! Long pauses of single threads, as on a machine that swaps or is held up.

use rand::Rng;
use rand::rngs::SmallRng;

use crate::simulation::Naps;
use crate::time::nanoseconds;

/// Once one is due, the thread that has a chance to be interrupted takes it once in this many times, so that it is
/// not always the thread that wakes first.
const ONE_IN: u32 = 16;

/// When threads nap.
pub(super) struct NapPlan {
    naps: Naps,
    /// When the next one is due, in nanoseconds.
    next: u64,
}

impl NapPlan {
    /// A plan, which begins `now`.
    pub(super) fn new(naps: Naps, now: u64, rng: &mut SmallRng) -> Self {
        let mut plan = NapPlan { naps, next: 0 };
        plan.next = plan.draw_next(now, rng);
        plan
    }

    /// Draws whether a thread that can be interrupted naps, and until when. Only one naps at a time.
    pub(super) fn draw(&mut self, now: u64, rng: &mut SmallRng) -> Option<u64> {
        if now < self.next || now >= nanoseconds(self.naps.until) || !rng.random_ratio(1, ONE_IN) {
            return None;
        }
        let end = now + rng.random_range(0..=nanoseconds(self.naps.longest));
        self.next = self.draw_next(end, rng);
        Some(end)
    }

    fn draw_next(&self, now: u64, rng: &mut SmallRng) -> u64 {
        let mean = nanoseconds(self.naps.every);
        now + rng.random_range(mean / 2..=mean * 3 / 2)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::NapPlan;
    use crate::simulation::Naps;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn naps_come_one_after_the_other_and_end() {
        let naps = Naps {
            until: Duration::from_secs(20),
            every: Duration::from_secs(2),
            longest: Duration::from_secs(1),
        };
        let mut rng = SmallRng::seed_from_u64(1);
        let mut plan = NapPlan::new(naps, 0, &mut rng);
        let mut ends = vec![0];
        for now in (0..40 * SECOND).step_by(1_000_000) {
            if let Some(end) = plan.draw(now, &mut rng) {
                let last = ends[ends.len() - 1];
                assert!(now >= last + SECOND && now < 20 * SECOND && end <= now + SECOND);
                ends.push(end);
            }
        }
        assert!((7..20).contains(&ends.len()), "{ends:?}");
    }
}
