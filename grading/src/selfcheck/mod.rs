//! The grader proves itself: honest solutions get their points, attacks get none and do no harm, and an
//! interrupted grading ends like one that was not.

mod archives;
mod attacks;
mod honest;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use records::Clock;

use crate::grade::{Gates, Plan, grade};
use crate::report::{self, Seeds, say};
use crate::runlog::{Entry, RunLog};
use crate::sandbox::Wall;
use crate::standing::{Results, Standing};
use crate::submission::Submission;
use crate::tree;

/// How much of it all to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    /// How often each test runs.
    pub(crate) runs: u64,
    pub(crate) jobs: usize,
    pub(crate) wall: Option<Wall>,
}

/// Checks everything, saying each thing that holds and each that does not. Returns whether all does.
///
/// # Errors
///
/// If a check cannot be made at all.
pub(crate) fn selfcheck(extent: Extent) -> Result<bool, String> {
    let scratch = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let mut findings = Findings::default();
    honest::check(extent, &scratch.path().join("honest"), &mut findings)?;
    archives::check(extent, &scratch.path().join("archives"), &mut findings)?;
    attacks::check(extent, &scratch.path().join("attacks"), &mut findings)?;
    say(&format!("\n{} of {} checks hold", findings.held, findings.held + findings.broken));
    Ok(findings.broken == 0)
}

/// What has been found out.
#[derive(Default)]
struct Findings {
    held: usize,
    broken: usize,
}

impl Findings {
    /// Says whether something holds; `seen` is what was seen instead.
    fn note(&mut self, claim: &str, holds: bool, seen: &str) {
        if holds {
            self.held += 1;
            say(&format!("  ok  {claim}"));
        } else {
            self.broken += 1;
            say(&format!("  NO  {claim}\n      {seen}"));
        }
    }
}

/// Grades a folder, and returns the results by student, and all reports' text.
fn grade_folder(
    extent: Extent,
    submissions: &Path,
    results: &Path,
    stages: &[&str],
    gates: Gates,
) -> Result<BTreeMap<String, Standing>, String> {
    let plan = plan(extent, submissions, results, stages, gates)?;
    let ended = grade(&plan)?;
    if !ended.complete {
        return Err("interrupted".to_owned());
    }
    let entries = RunLog::read(results)?;
    let all: Results = report::write_all(results, &entries, &ended.items, Seeds::Secret)?;
    Ok(all.students.into_iter().map(|standing| (standing.student.clone(), standing)).collect())
}

fn plan(
    extent: Extent,
    submissions: &Path,
    results: &Path,
    stages: &[&str],
    gates: Gates,
) -> Result<Plan, String> {
    Ok(Plan {
        submissions: Submission::list(submissions)?,
        results: results.to_owned(),
        stages: stages.iter().map(|stage| (*stage).to_owned()).collect(),
        rubric: tree::root().join("grading/rubric.toml"),
        clock: Clock::Sim,
        runs: extent.runs,
        jobs: extent.jobs,
        wall: extent.wall,
        secret: None,
        gates,
        live: None,
    })
}

/// Writes a file, with the folders above it.
fn put(path: &Path, content: &[u8]) -> Result<(), String> {
    std::fs::create_dir_all(path.parent().unwrap_or(path))
        .and_then(|()| std::fs::write(path, content))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

/// All text that a grading has left behind, for what must not be in it.
fn all_text(folder: &Path) -> String {
    let files = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let own: Vec<PathBuf> = files
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        // What was handed in holds the attack's own words.
        .filter(|path| !path.starts_with(folder.join("submissions")))
        .collect();
    own.iter()
        .map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned())
        .collect()
}

/// The classes of all runs of a student, in a log.
fn classes(results: &Path, student: &str) -> Result<Vec<records::Class>, String> {
    let entries = RunLog::read(results)?;
    let of = |entry: &Entry| match entry {
        Entry::Run(run) if run.student == student => Some(run.record.class),
        _ => None,
    };
    Ok(entries.iter().filter_map(of).collect())
}
