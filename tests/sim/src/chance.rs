//! What is left to chance, and when.

use std::ops::Range;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

use crate::api;
use crate::time::nanoseconds;

/// The nanoseconds that share a generator: a millisecond.
const SLICE: u64 = 1_000_000;

/// What decides the choices of one part of a run, such as those of one scheduler.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chance {
    /// Decides each choice.
    pub seed: u128,
    /// From this time on another seed does.
    pub branch: Option<(Duration, u128)>,
    /// The milliseconds of virtual time in which choices are left to chance. At other times each choice is the plain
    /// one: threads take turns and are not interrupted, and messages arrive soon. Without windows, chance always
    /// decides.
    pub windows: Option<Vec<Range<u64>>>,
}

impl Chance {
    /// Chance always decides, by this seed.
    pub const fn always(seed: u128) -> Self {
        Chance { seed, branch: None, windows: None }
    }

    /// A generator for the choices of a slice. Its numbers do not tell those of another slice.
    fn generator(&self, slice: u64) -> StdRng {
        let begin = Duration::from_nanos(slice.saturating_mul(SLICE));
        let seed = match self.branch {
            Some((at, other)) if begin >= at => other,
            _ => self.seed,
        };
        let mut key = [0; 32];
        key[..16].copy_from_slice(&seed.to_le_bytes());
        key[16..24].copy_from_slice(&slice.to_le_bytes());
        StdRng::from_seed(key)
    }

    fn is_plain(&self, slice: u64) -> bool {
        let is_within =
            |windows: &Vec<Range<u64>>| windows.iter().any(|window| window.contains(&slice));
        !self.windows.as_ref().is_none_or(is_within)
    }
}

/// Draws choices, as time goes on. Those of each millisecond do not depend on how many there were before: so a run
/// that is changed in one place has the same choices in all others.
#[derive(Debug)]
pub struct Draws<R> {
    chance: Chance,
    rng: R,
    is_plain: bool,
    /// When the next slice begins, in nanoseconds.
    next: u64,
}

impl<R: SeedableRng> Draws<R> {
    /// Draws from the beginning of the run.
    pub fn new(chance: Chance) -> Self {
        let rng = R::from_rng(&mut chance.generator(0));
        let is_plain = chance.is_plain(0);
        Draws { chance, rng, is_plain, next: SLICE }
    }

    /// The draws of now. Outside of a simulation, time stands still for them.
    pub fn now(&mut self) -> &mut Self {
        if let Some(now) = api::now() {
            self.advance_to(nanoseconds(now));
        }
        self
    }

    /// Goes on to this time since the run began, in nanoseconds. Does nothing if it is past.
    pub(crate) fn advance_to(&mut self, now: u64) {
        if now < self.next {
            return;
        }
        let slice = now / SLICE;
        self.next = (slice + 1).saturating_mul(SLICE);
        self.rng = R::from_rng(&mut self.chance.generator(slice));
        self.is_plain = self.chance.is_plain(slice);
    }

    /// Whether the choices of now are the plain ones.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Whether choices are left to chance for a part of the time only.
    pub fn has_windows(&self) -> bool {
        self.chance.windows.is_some()
    }

    /// What draws the choices of now.
    pub fn rng(&mut self) -> &mut R {
        &mut self.rng
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rand::Rng;
    use rand::rngs::SmallRng;

    use super::{Chance, Draws, SLICE};

    const WHOLE: Chance = Chance::always(17);

    /// What is drawn at these milliseconds.
    fn drawn(chance: &Chance, times: &[u64]) -> Vec<u64> {
        let mut draws = Draws::<SmallRng>::new(chance.clone());
        let mut draw = |time: &u64| {
            draws.advance_to(*time * SLICE);
            draws.rng().random()
        };
        times.iter().map(&mut draw).collect()
    }

    #[test]
    fn choices_do_not_depend_on_how_many_there_were_before() {
        let [all, last] = [drawn(&WHOLE, &[0, 0, 3, 9, 9]), drawn(&WHOLE, &[9, 9])];
        assert_eq!(all[3..], last);
        assert_ne!(all[3], all[4]);
        assert_ne!(all[0], all[2]);
    }

    #[test]
    fn a_branch_changes_what_comes_after_it() {
        let branch = Chance { branch: Some((Duration::from_millis(5), 18)), ..WHOLE };
        let (whole, branch) = (drawn(&WHOLE, &[0, 4, 5, 6]), drawn(&branch, &[0, 4, 5, 6]));
        assert_eq!(whole[..2], branch[..2]);
        assert_ne!(whole[2], branch[2]);
        assert_ne!(whole[3], branch[3]);
    }

    #[test]
    fn choices_are_plain_outside_of_windows() {
        let chance = Chance { windows: Some(vec![2..4, 7..8]), ..WHOLE };
        let mut draws = Draws::<SmallRng>::new(chance);
        let drawn = (0..10).filter(|time| {
            draws.advance_to(*time * SLICE);
            !draws.is_plain()
        });
        assert_eq!(drawn.collect::<Vec<_>>(), [2, 3, 7]);
    }
}
