//! Fingerprints of texts, which can be joined like the texts.

use std::hash::{BuildHasherDefault, Hasher};

/// The length of a text and a polynomial hash of its bytes modulo the prime 2^61 - 1. The fingerprint of
/// two texts in a row follows from the fingerprints of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Fingerprint {
    length: u64,
    hash: u64,
}

const PRIME: u64 = (1 << 61) - 1;

/// Any large number works.
const BASE: u64 = 0x0f3a_91c4_5be6_d207;

impl Fingerprint {
    /// A fingerprint that no text has.
    pub(crate) const NO_TEXT: Fingerprint = Fingerprint { length: u64::MAX, hash: u64::MAX };

    pub(crate) fn of(text: &[u8]) -> Self {
        let mut hash = 0;
        let (chunks, rest) = text.as_chunks::<4>();
        for chunk in chunks {
            // One reduction for four bytes: the sum stays far below 2^128.
            let sum = u128::from(hash) * u128::from(POWERS[4])
                + u128::from(chunk[0]) * u128::from(POWERS[3])
                + u128::from(chunk[1]) * u128::from(POWERS[2])
                + u128::from(chunk[2]) * u128::from(POWERS[1])
                + u128::from(chunk[3]);
            hash = reduce(sum);
        }
        for byte in rest {
            hash = reduce(u128::from(hash) * u128::from(BASE) + u128::from(*byte));
        }
        Fingerprint { length: text.len() as u64, hash }
    }

    pub(crate) fn len(&self) -> usize {
        self.length as usize
    }

    /// The fingerprint of this text with `suffix` after it; `power` belongs to the suffix.
    pub(crate) fn then(self, suffix: Fingerprint, power: Power) -> Self {
        let hash = reduce(u128::from(self.hash) * u128::from(power.0) + u128::from(suffix.hash));
        Fingerprint { length: self.length + suffix.length, hash }
    }

    pub(crate) fn power(&self) -> Power {
        Power::of(self.length)
    }
}

/// The factor for a hash when a suffix of some length follows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Power(u64);

impl Power {
    fn of(length: u64) -> Self {
        if let Some(power) = POWERS.get(length as usize) {
            return Power(*power);
        }
        let (mut power, mut square, mut left) = (1, BASE, length);
        while left > 0 {
            if left & 1 == 1 {
                power = multiply(power, square);
            }
            square = multiply(square, square);
            left >>= 1;
        }
        Power(power)
    }
}

const POWERS: [u64; 64] = {
    let mut powers = [1; 64];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = multiply(powers[at - 1], BASE);
        at += 1;
    }
    powers
};

const fn multiply(left: u64, right: u64) -> u64 {
    reduce(left as u128 * right as u128)
}

/// Modulo 2^61 - 1.
const fn reduce(value: u128) -> u64 {
    let once = (value & PRIME as u128) + (value >> 61);
    let twice = (once as u64 & PRIME) + (once >> 61) as u64;
    if twice >= PRIME { twice - PRIME } else { twice }
}

/// A fast hasher for keys that are numbers already; not for keys that an attacker may choose.
#[derive(Default)]
pub(crate) struct NumberHasher(u64);

pub(crate) type BuildNumberHasher = BuildHasherDefault<NumberHasher>;

impl NumberHasher {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
}

impl Hasher for NumberHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (chunks, rest) = bytes.as_chunks::<8>();
        for chunk in chunks {
            self.mix(u64::from_le_bytes(*chunk));
        }
        for byte in rest {
            self.mix(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, word: u32) {
        self.mix(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.mix(word as u64);
    }

    fn finish(&self) -> u64 {
        // The table takes its index from one end and its tags from the other.
        (self.0 ^ self.0 >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_texts_have_joined_fingerprints() {
        let text: Vec<u8> = (0..300).map(|at: u32| (at * 7 + at / 13) as u8).collect();
        for split in 0..text.len() {
            let (left, right) = text.split_at(split);
            let suffix = Fingerprint::of(right);
            let joined = Fingerprint::of(left).then(suffix, suffix.power());
            assert_eq!(joined, Fingerprint::of(&text), "split at {split}");
        }
    }

    #[test]
    fn zero_bytes_count() {
        assert_ne!(Fingerprint::of(b"\0"), Fingerprint::of(b""));
        assert_ne!(Fingerprint::of(b"a\0"), Fingerprint::of(b"\0a"));
    }

    #[test]
    fn products_are_reduced_modulo_the_prime() {
        for (left, right) in [(PRIME - 1, PRIME - 1), (1 << 60, 1 << 60), (BASE, 3), (PRIME - 1, 1)]
        {
            let expected = (u128::from(left) * u128::from(right) % u128::from(PRIME)) as u64;
            assert_eq!(multiply(left, right), expected);
        }
    }
}
