//! Merging the results of the parts.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::number::PartNumber;
use super::part::{Part, folder};
use super::seal::{State, look_at};
use super::split::Split;
use crate::files::{reason, write_private_file};
use crate::problems::Problems;
use crate::runlog::{self, Build, Entry, Grading, Outcome, RunLog};
use crate::seeds::Secret;

/// What is kept beside the log.
const FOLDERS: &[&str] = &["submissions", "pictures"];

/// What has been merged.
#[derive(Debug, PartialEq)]
pub(crate) struct Merged {
    pub(crate) entries: Vec<Entry>,
    /// The parts that are not done, or not here.
    pub(crate) missing: Vec<u32>,
}

/// Merges the results of all parts that are done. May be repeated: it always begins with nothing.
///
/// # Errors
///
/// If a part is not of this grading, has been changed since it was done, or graded other files.
pub(crate) fn merge(results: &Path, secret: &Secret) -> Result<Merged, String> {
    let split = Split::read(results)?;
    if secret.seeds().fingerprint() != split.grading.seeds {
        return Err(
            "the class was split with another secret: name its file with --secret".to_owned()
        );
    }
    let mut merged =
        Merged { entries: vec![Entry::Grading(split.grading.clone())], missing: vec![] };
    let mut done = Vec::new();
    let mut problems = Problems::default();
    for number in 1..=split.of {
        match read_part(results, &split, number, secret) {
            Ok(Some(entries)) => {
                merged.entries.extend(entries);
                done.push(number);
            }
            Ok(None) => merged.missing.push(number),
            Err(problem) => problems.add(problem),
        }
    }
    problems.check()?;
    let everybody = split.students.keys().cloned().collect();
    merged.entries.insert(1, Entry::Class { students: everybody });
    merged.entries.extend(split.missing.iter().map(|student| {
        let outcome = Outcome::NothingHandedIn;
        Entry::Build(Build { student: student.clone(), outcome, ..Build::default() })
    }));
    write_private_file(&results.join("runs.jsonl"), runlog::render(&merged.entries)?)?;
    for number in done {
        let part = folder(results, number);
        FOLDERS.iter().try_for_each(|name| copy(&part.join(name), &results.join(name)))?;
    }
    Ok(merged)
}

/// What the log of a part says about its students; `None` if it is not done.
fn read_part(
    results: &Path,
    split: &Split,
    number: u32,
    secret: &Secret,
) -> Result<Option<Vec<Entry>>, String> {
    let name = PartNumber { number, of: split.of };
    let fail = |problem: &str| Err(format!("part {name}: {problem}"));
    let own = folder(results, number);
    match look_at(&own, &secret.key_of_part(number, split.of))? {
        State::Missing => return Ok(None),
        State::Changed => {
            return fail(&format!(
                "its results are not what they were when it was done. Copy {0} here again, or delete \
                 runs.jsonl and seal in it and repeat the part",
                own.display()
            ));
        }
        State::Done => {}
    }
    let part = Part::read(results, name)?;
    let mut entries = RunLog::read(&own)?;
    match entries.first() {
        Some(Entry::Grading(grading)) if is_same(grading, &split.grading) => {
            let kinds = grading.other_processors(&split.grading);
            if let Some([part, whole]) = kinds {
                return fail(&format!(
                    "it was graded on an {part} processor, but the class was split on an {whole} one, where the seeds \
                     are other runs"
                ));
            }
        }
        Some(Entry::Grading(grading)) if grading.harness != split.grading.harness => {
            let changed = grading.harness.changes(&split.grading.harness);
            let changed =
                changed.map_or(String::new(), |files| format!(": these files differ: {files}"));
            return fail(&format!("it was graded by another version of the tests{changed}"));
        }
        _ => return fail("it was graded with other options"),
    }
    entries.retain(|entry| !matches!(entry, Entry::Grading(_) | Entry::Class { .. }));
    for entry in &entries {
        // A fault says nothing of the files, and may have been before they were read.
        if let Entry::Build(build) = entry
            && build.outcome != Outcome::Fault
            && part.students.get(&build.student) != Some(&build.submission)
        {
            return fail(&format!(
                "the files of {} have changed since the class was split",
                build.student
            ));
        }
    }
    Ok(Some(entries))
}

/// Whether two parts grade the same. The rubric changes no run.
fn is_same(one: &Grading, other: &Grading) -> bool {
    let rubric = one.rubric.clone();
    *one == Grading { rubric, ..other.clone() }
}

/// Copies the files of a folder, if it exists.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    if !from.exists() {
        return Ok(());
    }
    for entry in WalkDir::new(from) {
        let entry = entry.map_err(|error| format!("cannot read {}: {error}", from.display()))?;
        if entry.file_type().is_file() {
            let inner = entry.path().strip_prefix(from).unwrap_or(entry.path());
            let content = std::fs::read(entry.path()).map_err(|error| {
                format!("cannot read {}: {}", entry.path().display(), reason(&error))
            })?;
            write_private_file(&to.join::<PathBuf>(inner.into()), content)?;
        }
    }
    Ok(())
}
