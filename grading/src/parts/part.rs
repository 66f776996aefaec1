//! What a part has to know.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::number::PartNumber;
use crate::files::{read_text, write_private_file};
use crate::seeds::SeedKey;
use crate::submission::HandedIn;

/// The largest file of a part, in bytes.
const LIMIT: u64 = 16 << 20;

/// A part of a grading.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    number: u32,
    of: u32,
    /// What its results are sealed with.
    pub(super) key: String,
    /// What the seeds of all parts are drawn with.
    pub(crate) seeds: SeedKey,
    /// Who is in it, and what identified their files when the class was split.
    pub(super) students: BTreeMap<String, String>,
}

impl Part {
    pub(super) fn new(part: PartNumber, key: String, seeds: SeedKey) -> Self {
        let PartNumber { number, of } = part;
        Part { number, of, key, seeds, students: BTreeMap::new() }
    }

    /// Reads what a part has to know from its folder among the results.
    ///
    /// # Errors
    ///
    /// If the class has not been split into so many parts, or the file cannot be read.
    pub(crate) fn read(results: &Path, part: PartNumber) -> Result<Self, String> {
        let path = file(results, part.number);
        if !path.exists() && are_in(results) {
            return Err(format!(
                "there is no {}: copy the folder of the part here, or name a part that the class was split into",
                path.display()
            ));
        }
        if !path.exists() {
            return Err(format!(
                "there is no {}: split the class first, with cargo grade split and --parts {}",
                path.display(),
                part.of
            ));
        }
        let found: Part = serde_json::from_str(&read_text(&path, LIMIT)?).map_err(|error| {
            format!("{} is damaged ({error}): copy it here again", path.display())
        })?;
        if (found.number, found.of) != (part.number, part.of) {
            return Err(format!(
                "{} is part {}/{}, not {part}",
                path.display(),
                found.number,
                found.of
            ));
        }
        Ok(found)
    }

    pub(super) fn write(&self, results: &Path) -> Result<(), String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        write_private_file(&file(results, self.number), text)
    }

    /// The folder for its results, among all results.
    pub(crate) fn folder(&self, results: &Path) -> PathBuf {
        folder(results, self.number)
    }

    /// What the students in the part have handed in.
    ///
    /// # Errors
    ///
    /// If some of them are not among all.
    pub(crate) fn choose(&self, mut all: HandedIn) -> Result<HandedIn, String> {
        let is_here = |student: &&String| {
            all.submissions.iter().any(|submission| submission.student == **student)
        };
        let absent: Vec<&str> =
            self.students.keys().filter(|student| !is_here(student)).map(String::as_str).collect();
        if !absent.is_empty() {
            return Err(format!(
                "these were among the submissions when the class was split, and are no more: {}",
                absent.join(", ")
            ));
        }
        all.submissions.retain(|own| self.students.contains_key(&own.student));
        // The merge notes them.
        all.missing.clear();
        Ok(all)
    }
}

/// Whether a grading has been split into parts.
pub(crate) fn are_in(results: &Path) -> bool {
    results.join("parts").exists()
}

/// The folder of a part.
pub(super) fn folder(results: &Path, number: u32) -> PathBuf {
    results.join("parts").join(number.to_string())
}

fn file(results: &Path, number: u32) -> PathBuf {
    folder(results, number).join("part.json")
}
