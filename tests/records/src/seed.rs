//! The seed of a run.

use std::fmt::{self, Display};
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Decides all random choices of a run: 128 bits, so that nobody finds one by trying.
///
/// It is written as `0x` and hexadecimal digits, as few as it needs; decimal digits are read as well. In
/// JSON it is a string, because many programs round numbers above 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Seed(pub u128);

impl Seed {
    /// The seed of one part of the run, such as the network or the scheduler of one server.
    ///
    /// The parts' seeds are independent of each other, and none of them reveals this one: whoever knows
    /// the choices of one part cannot predict those of another.
    ///
    /// ```
    /// use records::Seed;
    ///
    /// let run = Seed(17);
    /// assert_ne!(run.derive("network"), run.derive("server 0"));
    /// ```
    pub fn derive(self, purpose: &str) -> Seed {
        let key = self.0.to_le_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("keys may have any length");
        mac.update(purpose.as_bytes());
        Seed::of_digest(&mac.finalize().into_bytes().into())
    }

    /// The seed in the first half of a digest of 256 bits.
    pub fn of_digest(digest: &[u8; 32]) -> Seed {
        let (half, _) = digest.split_first_chunk().expect("a digest has 32 bytes");
        Seed(u128::from_le_bytes(*half))
    }

    /// The lower 64 bits, for random number generators that take no more.
    pub fn word(self) -> u64 {
        self.0 as u64
    }
}

impl Display for Seed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // By `pad` and not by `write!`, so that a width in the caller's format is kept.
        formatter.pad(&format!("{:#x}", self.0))
    }
}

impl FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (digits, radix) = text.strip_prefix("0x").map_or((text, 10), |digits| (digits, 16));
        let number = match digits.starts_with('+') {
            true => None,
            false => u128::from_str_radix(digits, radix).ok(),
        };
        number.map(Seed).ok_or_else(|| {
            format!("\"{text}\" is not a seed: write a number such as 17 or 0x5f3a, below 2^128")
        })
    }
}

impl From<Seed> for String {
    fn from(seed: Seed) -> String {
        seed.to_string()
    }
}

impl TryFrom<String> for Seed {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::Seed;

    #[test]
    fn seeds_survive_being_written_and_read() {
        for (seed, text) in [
            (Seed(0), "0x0"),
            (Seed(17), "0x11"),
            (Seed(1 << 64), "0x10000000000000000"),
            (Seed(u128::MAX), "0xffffffffffffffffffffffffffffffff"),
        ] {
            assert_eq!(seed.to_string(), text);
            assert_eq!(text.parse(), Ok(seed));
            assert_eq!(seed.0.to_string().parse(), Ok(seed));
            let json = serde_json::to_string(&seed).expect("seeds are JSON");
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Seed>(&json).ok(), Some(seed));
        }
        assert_eq!(format!("{:<6}|", Seed(17)), "0x11  |");
    }

    #[test]
    fn what_is_no_number_of_128_bits_is_refused() {
        let too_large = "0x100000000000000000000000000000000";
        for text in ["", "0x", "abc", "-1", "+1", "0x+1", " 1", "0X1f", "1_000", too_large] {
            let read = text.parse::<Seed>();
            let complaint = format!("\"{text}\" is not a seed: ");
            assert!(read.as_ref().is_err_and(|error| error.starts_with(&complaint)), "{read:?}");
        }
    }

    /// The value is that of Python's `hmac` module. Another one would make old seeds useless.
    #[test]
    fn a_part_of_a_run_has_a_seed_that_depends_on_run_and_purpose() {
        let run = Seed(17);
        assert_eq!(run.derive("network"), Seed(0x4cd7_c256_7edb_a7f3_fb7c_be69_6d66_a225));
        assert_eq!(run.derive("network").word(), 0xfb7c_be69_6d66_a225);
        assert_ne!(run.derive("network"), run.derive("server 0"));
        assert_ne!(run.derive("network"), Seed(18).derive("network"));
        assert_ne!(run.derive("network"), Seed(17 << 64).derive("network"));
    }
}
