//! What a save changes. A log grows at its end, and most saves repeat the rest of it.

use serde::{Deserialize, Serialize};

/// How much is compared at a time, in bytes.
const BLOCK: usize = 64;

/// What turns one sequence of bytes into another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// The length of the result.
    length: usize,
    /// In order, and apart from each other.
    changes: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Change {
    at: usize,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

impl Patch {
    /// What turns `old` into `new`.
    pub fn between(old: &[u8], new: &[u8]) -> Self {
        let mut changes: Vec<Change> = Vec::new();
        for (number, block) in new.chunks(BLOCK).enumerate() {
            let at = number * BLOCK;
            if old.get(at..at + block.len()) == Some(block) {
                continue;
            }
            match changes.last_mut() {
                Some(last) if last.at + last.bytes.len() == at => {
                    last.bytes.extend_from_slice(block);
                }
                _ => changes.push(Change { at, bytes: block.to_vec() }),
            }
        }
        Patch { length: new.len(), changes }
    }

    /// The length of the new bytes.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Whether old bytes of this length stay as they are.
    pub fn changes_nothing(&self, length: usize) -> bool {
        self.length == length && self.changes.is_empty()
    }

    /// Turns `old` into the new bytes. `None` if this is not a patch for them, or if the result would be
    /// longer than `most` bytes.
    pub fn apply(&self, mut old: Vec<u8>, most: usize) -> Option<Vec<u8>> {
        if self.length > most {
            return None;
        }
        old.truncate(self.length);
        for Change { at, bytes } in &self.changes {
            let end = at.checked_add(bytes.len()).filter(|end| *end <= self.length)?;
            // Bytes that were not there before must come in order.
            if *at > old.len() {
                return None;
            }
            if end > old.len() {
                old.resize(end, 0);
            }
            old[*at..end].copy_from_slice(bytes);
        }
        (old.len() == self.length).then_some(old)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: &[u8], new: &[u8]) -> usize {
        let patch = Patch::between(old, new);
        assert_eq!(patch.apply(old.to_vec(), 1 << 20).as_deref(), Some(new));
        patch.changes.iter().map(|change| change.bytes.len()).sum()
    }

    #[test]
    fn a_patch_makes_the_new_bytes_from_the_old() {
        let long: Vec<u8> = (0..1_000_u32).map(|number| (number % 251) as u8).collect();
        let longer: Vec<u8> = long.iter().copied().chain([1, 2, 3]).collect();
        let mut other = longer.clone();
        other[3] = 99;
        assert_eq!(check(&long, &long), 0);
        assert!(check(&long, &longer) <= BLOCK);
        assert!(check(&long, &other) <= 2 * BLOCK);
        assert_eq!(check(&long, &[]), 0);
        assert_eq!(check(&[], &long), 1_000);
        for length in [1, 63, 64, 65, 128, 999] {
            check(&long, &long[..length]);
            check(&long[..length], &longer);
        }
    }

    #[test]
    fn a_forged_patch_is_refused() {
        let change = |at, bytes: &[u8]| Change { at, bytes: bytes.to_vec() };
        let patch = |length, changes| Patch { length, changes };
        let old = || vec![0; 10];
        assert_eq!(patch(1 << 30, vec![]).apply(old(), 100), None);
        assert_eq!(patch(20, vec![]).apply(old(), 100), None);
        assert_eq!(patch(20, vec![change(15, &[1; 5])]).apply(old(), 100), None);
        assert_eq!(patch(10, vec![change(8, &[1; 5])]).apply(old(), 100), None);
        assert_eq!(patch(10, vec![change(usize::MAX, &[1; 5])]).apply(old(), 100), None);
        assert_eq!(patch(11, vec![change(10, &[7])]).apply(old(), 100).map(|new| new[10]), Some(7));
    }
}
