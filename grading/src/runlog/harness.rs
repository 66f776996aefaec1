//! What submissions are compiled with.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// How many changed files are named.
const FILES_NAMED: usize = 5;

/// Everything that submissions are compiled with.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Harness {
    /// Identifies all of it.
    #[serde(rename = "harness")]
    pub(crate) hash: String,
    /// Identifies each file, by its path in the workspace, to say which ones have changed. Empty in results of
    /// graders that did not write it.
    #[serde(rename = "harness_files", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) files: BTreeMap<String, String>,
    /// The kind of processor that they run on. On each kind, a seed of a simulation is another run. Empty in results of
    /// graders that did not write it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) processor: String,
}

impl PartialEq for Harness {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

impl Harness {
    /// Names some of the files that are only in one of two, or different. `None` if that is not known.
    pub(crate) fn changes(&self, other: &Harness) -> Option<String> {
        let changed: BTreeSet<&str> = [self, other]
            .into_iter()
            .flat_map(|harness| harness.files.keys())
            .filter(|path| self.files.get(*path) != other.files.get(*path))
            .map(String::as_str)
            .collect();
        if self.files.is_empty() || other.files.is_empty() || changed.is_empty() {
            return None;
        }
        let named = Vec::from_iter(changed.iter().take(FILES_NAMED).copied()).join(", ");
        match changed.len().saturating_sub(FILES_NAMED) {
            0 => Some(named),
            more => Some(format!("{named} and {more} more")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Harness;

    fn harness(hash: &str, files: &[(&str, &str)]) -> Harness {
        let files = files.iter().map(|(path, hash)| ((*path).into(), (*hash).into()));
        Harness { hash: hash.to_owned(), files: files.collect(), ..Harness::default() }
    }

    #[test]
    fn files_that_have_changed_are_named() {
        let before = harness("1", &[("a", "1"), ("b", "1"), ("c", "1")]);
        let now = harness("2", &[("a", "2"), ("b", "1"), ("d", "1")]);
        assert_eq!(before.changes(&now).as_deref(), Some("a, c, d"));
        assert_eq!(Harness::default().changes(&now), None);
        assert_eq!(before.changes(&Harness::default()), None);
        let all = harness("3", &["1", "2", "3", "4", "5", "6", "7"].map(|path| (path, "1")));
        assert_eq!(before.changes(&all).as_deref(), Some("1, 2, 3, 4, 5 and 5 more"));
    }

    #[test]
    fn results_without_a_list_of_files_can_be_resumed() {
        assert_eq!(harness("1", &[]), harness("1", &[("a", "1")]));
        assert_ne!(harness("1", &[("a", "1")]), harness("2", &[("a", "1")]));
    }
}
