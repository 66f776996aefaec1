//! Splitting a class into parts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::number::PartNumber;
use super::part::{Part, are_in, folder};
use crate::files::{read_text, reason, write_private_file};
use crate::grade::Plan;
use crate::runlog::{Entry, Grading, Harness, RunLog};
use crate::sandbox::Sandbox;
use crate::seeds::Secret;
use crate::submission::{ReadError, Submission};

/// The largest description of a split, in bytes.
const LIMIT: u64 = 16 << 20;

/// How a class has been split.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Split {
    /// How many parts there are.
    pub(super) of: u32,
    /// What all of them grade, and how.
    pub(super) grading: Grading,
    /// Who is in which part.
    pub(super) students: BTreeMap<String, u32>,
    /// Who has handed in nothing.
    pub(super) missing: Vec<String>,
}

impl Split {
    /// Reads how a class has been split.
    ///
    /// # Errors
    ///
    /// If it has not been, or the file cannot be read.
    pub(super) fn read(results: &Path) -> Result<Self, String> {
        check_split(results)?;
        let path = file(results);
        serde_json::from_str(&read_text(&path, LIMIT)?).map_err(|error| {
            format!(
                "{} is damaged ({error}): copy it here again, or delete {}/parts and split the class anew",
                path.display(),
                results.display()
            )
        })
    }
}

/// Checks that a folder has parts.
///
/// # Errors
///
/// If it has none.
pub(crate) fn check_split(results: &Path) -> Result<(), String> {
    if file(results).exists() {
        return Ok(());
    }
    let show = results.display();
    Err(format!("{show} has no parts/split.json: split the class first, with cargo grade split"))
}

/// Checks that a folder has neither parts nor results.
///
/// # Errors
///
/// If it has.
pub(crate) fn check_unsplit(results: &Path) -> Result<(), String> {
    let show = results.display();
    if are_in(results) {
        return Err(format!(
            "{show} has been split already: grade its parts, or, to split it anew, delete {show}/parts"
        ));
    }
    if results.join("runs.jsonl").exists() {
        return Err(format!("{show} has the results of a grading in one part: choose a new --out"));
    }
    Ok(())
}

/// Splits a class into parts that cost the same, and prepares a folder for each. Students are dealt at random, so
/// that each part is a fair sample; those with the same files stay together, because these are graded once.
///
/// # Errors
///
/// If the folder has results, or parts, or a submission cannot be read for a reason that lies here.
pub(crate) fn split(
    plan: &Plan,
    sandbox: &Sandbox,
    harness: &Harness,
    secret: &Secret,
    of: u32,
) -> Result<(), String> {
    let results = plan.results.as_path();
    check_unsplit(results)?;
    // All parts appear at once, or none does.
    let staging = std::fs::create_dir_all(results)
        .and_then(|()| tempfile::Builder::new().prefix(".parts").tempdir_in(results))
        .map_err(|error| format!("cannot write to {}: {}", results.display(), reason(&error)))?;
    let staging = staging.path();
    let grading = plan.grading(harness);
    let mut parts: Vec<Part> = (1..=of)
        .map(|number| {
            let key = secret.key_of_part(number, of);
            Part::new(PartNumber { number, of }, key, plan.seeds.clone())
        })
        .collect();
    deal(groups(&plan.handed_in.submissions, sandbox)?, secret, &mut parts);
    let missing = plan.handed_in.missing.clone();
    let mut split = Split { of, grading: grading.clone(), students: BTreeMap::new(), missing };
    for (number, part) in (1..).zip(&parts) {
        split.students.extend(part.students.keys().map(|student| (student.clone(), number)));
        part.write(staging)?;
        let (mut log, _) = RunLog::open(&folder(staging, number))?;
        log.append(&Entry::Grading(grading.clone()))?;
    }
    write(&split, staging)?;
    let parts = results.join("parts");
    std::fs::rename(staging.join("parts"), &parts)
        .map_err(|error| format!("cannot write {}: {}", parts.display(), reason(&error)))
}

/// Writes how a class has been split.
pub(super) fn write(split: &Split, results: &Path) -> Result<(), String> {
    let text = serde_json::to_string_pretty(split).map_err(|error| error.to_string())?;
    write_private_file(&file(results), text)
}

/// Students with the same files, and what identifies these.
struct Group {
    students: Vec<String>,
    files: String,
}

/// The students by their files. Who has none that can be read is alone.
fn groups(submissions: &[Submission], sandbox: &Sandbox) -> Result<Vec<Group>, String> {
    let mut same: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut groups = Vec::new();
    for submission in submissions {
        let student = submission.student.clone();
        match submission.read_files(sandbox) {
            Ok(selected) => same.entry(selected.files.hash()).or_default().push(student),
            Err(ReadError::Refused(_)) => {
                groups.push(Group { students: vec![student], files: String::new() });
            }
            Err(other) => return Err(format!("{student}: {}", other.into_message())),
        }
    }
    groups.extend(same.into_iter().map(|(files, students)| Group { students, files }));
    Ok(groups)
}

/// Deals the groups in an order that nobody can foresee, so that no part is one of strong or weak students.
fn deal(mut groups: Vec<Group>, secret: &Secret, parts: &mut [Part]) {
    // What cannot be read costs nothing.
    groups.sort_by_cached_key(|group| {
        let order = secret.key_of_student(&group.students[0]);
        (group.files.is_empty(), order)
    });
    let count = parts.len();
    for (number, group) in groups.into_iter().enumerate() {
        let own = group.students.into_iter().map(|student| (student, group.files.clone()));
        parts[number % count].students.extend(own);
    }
}

fn file(results: &Path) -> PathBuf {
    results.join("parts/split.json")
}
