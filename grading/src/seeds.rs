//! The secret seeds: the same for every student, and unknown to all of them.

use std::io::Write;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use records::Seed;
use sha2::Sha256;

use crate::files::{read_text, reason};
use crate::tree::hex;

/// The largest file with a secret, in bytes.
const LIMIT: u64 = 64 << 10;

/// The secret of a grading. The seeds are derived from it, and the keys of its parts; from neither of them can the
/// secret or anything else be told.
#[derive(Clone)]
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    /// Reads the secret from a file, or creates the file, readable for its owner only, with a new secret.
    ///
    /// # Errors
    ///
    /// If the file can be neither read nor created.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        if !path.exists() {
            create(path).map_err(|error| {
                format!("cannot use {} for the secret: {}", path.display(), reason(&error))
            })?;
        }
        Secret::read(path)
    }

    /// Reads the secret from a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or contains no secret.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
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

    /// What the seeds are drawn with.
    pub(crate) fn seeds(&self) -> SeedKey {
        SeedKey(hex(&digest(&self.0, b"seeds")))
    }

    /// Orders students in a way that nobody can foresee.
    pub(crate) fn key_of_student(&self, student: &str) -> [u8; 32] {
        digest(&self.0, format!("student {student}").as_bytes())
    }

    /// The key of a part, in hexadecimal digits.
    pub(crate) fn key_of_part(&self, number: u32, of: u32) -> String {
        hex(&digest(&self.0, format!("part {number} of {of}").as_bytes()))
    }
}

/// What the seeds of a grading are drawn with. Who has it knows all seeds of this grading, and nothing else.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct SeedKey(String);

impl SeedKey {
    /// The seed for run number `index` of a test. Who knows other seeds knows nothing about it.
    pub(crate) fn of_run(&self, test: &str, index: u64) -> Seed {
        Seed::of_digest(&digest(self.0.as_bytes(), format!("{test}|{index}").as_bytes()))
    }

    /// Identifies the seeds without revealing them.
    pub(crate) fn fingerprint(&self) -> String {
        hex(&digest(self.0.as_bytes(), b"fingerprint")[..8])
    }
}

/// What a key makes of a text: who does not have the key can neither make nor check it.
pub(crate) fn digest(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("keys may have any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// Writes a new secret. Another grader may be doing the same: the file appears at once and whole, and only once.
fn create(path: &Path) -> std::io::Result<()> {
    let secret: [u8; 32] = rand::random();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Temporary files are their owner's alone.
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    writeln!(file, "{}", hex(&secret))?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn seeds_depend_on_secret_test_and_index() {
        let [one, other] = ["a", "b"]
            .map(|secret| Secret(secret.as_bytes().to_vec()))
            .map(|secret| secret.seeds());
        let seed = one.of_run("2A::x", 3);
        assert_eq!(seed, one.of_run("2A::x", 3));
        assert_ne!(seed, one.of_run("2A::x", 4));
        assert_ne!(seed, one.of_run("2A::y", 3));
        assert_ne!(seed, other.of_run("2A::x", 3));
        assert!(seed.0 > u128::from(u64::MAX), "{seed} has few bits");
    }

    #[test]
    fn a_new_secret_is_made_once_and_is_its_owners() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("the disk is writable");
        let path = folder.path().join("secret");
        let made: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| Secret::open(&path))).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        let seeds: Vec<_> =
            made.into_iter().map(|secret| secret.expect("it is there").seeds()).collect();
        assert!(seeds.windows(2).all(|pair| pair[0] == pair[1]));
        let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
