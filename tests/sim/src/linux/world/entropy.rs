//! Random bytes for the program.

use rand::rngs::{SmallRng, StdRng};
use rand::{Rng, SeedableRng};

use crate::chance::Chance;
use crate::time::nanoseconds;

/// Draws random bytes for the program. They have their own generator, so that they do not depend on the schedule.
pub(super) struct Entropy {
    rng: SmallRng,
    /// From this time on, in nanoseconds, the bytes are those of another seed.
    branch: Option<(u64, u128)>,
}

impl Entropy {
    pub(super) fn new(chance: &Chance) -> Self {
        let branch = chance.branch.map(|(at, seed)| (nanoseconds(at), seed));
        Entropy { rng: generator(chance.seed), branch }
    }

    /// Fills `bytes` at this time, in nanoseconds.
    pub(super) fn fill(&mut self, now: u64, bytes: &mut [u8]) {
        if let Some((_, seed)) = self.branch.take_if(|(at, _)| *at <= now) {
            self.rng = generator(seed);
        }
        self.rng.fill(bytes);
    }
}

fn generator(seed: u128) -> SmallRng {
    let mut key = [0; 32];
    key[..16].copy_from_slice(&seed.to_le_bytes());
    // The choices of the schedule have other keys.
    key[31] = 1;
    SmallRng::from_rng(&mut StdRng::from_seed(key))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Entropy;
    use crate::chance::Chance;

    /// What is drawn at these times.
    fn drawn(chance: &Chance, times: [u64; 3]) -> [u64; 3] {
        let mut entropy = Entropy::new(chance);
        times.map(|now| {
            let mut bytes = [0; 8];
            entropy.fill(now, &mut bytes);
            u64::from_le_bytes(bytes)
        })
    }

    #[test]
    fn a_branch_has_other_bytes_from_its_time_on() {
        let whole = Chance::always(17);
        let branch = Chance { branch: Some((Duration::from_nanos(50), 18)), ..whole.clone() };
        let (one, other) = (drawn(&whole, [0, 49, 50]), drawn(&branch, [0, 49, 50]));
        assert_eq!(one[..2], other[..2]);
        assert_ne!(one[2], other[2]);
    }
}
