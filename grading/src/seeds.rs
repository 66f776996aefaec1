//! The secret list of seeds: the same for every student, and unknown to all.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use records::Seed;
use sha2::Sha256;

use crate::tree::hex;

/// What all seeds are drawn from.
#[derive(Clone)]
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    /// Reads the secret from a file that only its owner can read, or makes one.
    ///
    /// # Errors
    ///
    /// If the file can be neither read nor made.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let fail =
            |error| format!("cannot keep the secret of the seeds in {}: {error}", path.display());
        if !path.exists() {
            let secret: [u8; 32] = rand::random();
            let file =
                std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
            file.and_then(|mut file| writeln!(file, "{}", hex(&secret))).map_err(fail)?;
        }
        let text = std::fs::read_to_string(path).map_err(fail)?;
        let secret = text.trim();
        if secret.len() < 16 {
            return Err(format!(
                "{} holds no secret: it should be a line of at least 16 characters",
                path.display()
            ));
        }
        Ok(Secret(secret.as_bytes().to_vec()))
    }

    /// The seed of a test's run number `index`. Short enough to type.
    pub(crate) fn seed(&self, test: &str, index: u64) -> Seed {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length will do");
        mac.update(format!("{test}|{index}").as_bytes());
        let digest = mac.finalize().into_bytes();
        Seed(digest[..4].iter().fold(0, |seed, byte| seed << 8 | u64::from(*byte)))
    }

    /// Identifies the secret without giving it away.
    pub(crate) fn fingerprint(&self) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length will do");
        mac.update(b"fingerprint");
        hex(&mac.finalize().into_bytes()[..8])
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn seeds_depend_on_secret_test_and_index() {
        let [one, other] = ["a", "b"].map(|secret| Secret(secret.as_bytes().to_vec()));
        let seed = one.seed("2A::x", 3);
        assert_eq!(seed, one.seed("2A::x", 3));
        assert_ne!(seed, one.seed("2A::x", 4));
        assert_ne!(seed, one.seed("2A::y", 3));
        assert_ne!(seed, other.seed("2A::x", 3));
    }
}
