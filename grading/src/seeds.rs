//! The secret seeds: the same for every student, and unknown to all of them.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use records::Seed;
use sha2::Sha256;

use crate::files::read_text;
use crate::tree::hex;

/// The largest file with a secret, in bytes.
const LIMIT: u64 = 64 << 10;

/// The secret that all seeds are derived from.
#[derive(Clone)]
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    /// Reads the secret from a file, or creates the file, readable for its owner only, with a new secret.
    ///
    /// # Errors
    ///
    /// If the file can be neither read nor created.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let fail = |error| format!("cannot use {} for the secret: {error}", path.display());
        if !path.exists() {
            create(path).map_err(fail)?;
        }
        let text = read_text(path, LIMIT)?;
        let secret = text.trim();
        if secret.len() < 16 {
            return Err(format!(
                "{} contains no secret: it must be a line of at least 16 characters",
                path.display()
            ));
        }
        Ok(Secret(secret.as_bytes().to_vec()))
    }

    /// The seed for run number `index` of a test. Who knows other seeds knows nothing about it.
    pub(crate) fn seed(&self, test: &str, index: u64) -> Seed {
        Seed::of_digest(&self.digest(format!("{test}|{index}").as_bytes()))
    }

    /// Identifies the secret without revealing it.
    pub(crate) fn fingerprint(&self) -> String {
        hex(&self.digest(b"fingerprint")[..8])
    }

    fn digest(&self, text: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("keys may have any length");
        mac.update(text);
        mac.finalize().into_bytes().into()
    }
}

fn create(path: &Path) -> std::io::Result<()> {
    let secret: [u8; 32] = rand::random();
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", hex(&secret))
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
        assert!(seed.0 > u128::from(u64::MAX), "{seed} has few bits");
    }
}
