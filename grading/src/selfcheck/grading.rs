//! Grading a folder for a check, and looking at what that leaves behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use records::Clock;
use walkdir::{DirEntry, WalkDir};

use super::solution::Solution;
use crate::build::BuildOptions;
use crate::files::write_file;
use crate::grade::{Graded, Opened, Plan};
use crate::handout::Handout;
use crate::report::{self, Seeds};
use crate::results::{Results, StudentResult};
use crate::rubric::Rubric;
use crate::runlog::{Entry, Run, RunLog};
use crate::sandbox::Isolation;
use crate::scoring::Scoring;
use crate::seeds::Secret;
use crate::stages;
use crate::submission::HandedIn;
use crate::tree;

/// The processor time of a run, on average. No attack uses more, however long it would go on.
pub(super) const PER_RUN: Duration = Duration::from_secs(4);

/// The processor time of a compilation that may be an attack. What does not attack the compiler uses half of it, or
/// more on a processor that other work slows down.
pub(super) const PER_SUSPECT_BUILD: Duration = Duration::from_secs(75);

/// How much to check, and in which sandbox.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    /// How many times each test runs.
    pub(crate) runs: u64,
    /// How many submissions are graded at once.
    pub(crate) jobs: usize,
    /// The isolation to use; the strongest available if `None`.
    pub(crate) sandbox: Option<Isolation>,
}

/// A folder to grade.
pub(super) struct Folder<'a> {
    pub(super) submissions: &'a Path,
    pub(super) results: &'a Path,
    pub(super) stages: &'a [&'a str],
    pub(super) build: BuildOptions,
}

impl<'a> Folder<'a> {
    /// A folder to grade as an instructor's is.
    pub(super) fn new(submissions: &'a Path, results: &'a Path, stages: &'a [&'a str]) -> Self {
        Folder { submissions, results, stages, build: BuildOptions::default() }
    }
}

/// Grades a folder, writes all reports, and returns the results by student.
pub(super) fn grade_folder(
    extent: Extent,
    folder: Folder<'_>,
) -> Result<BTreeMap<String, StudentResult>, String> {
    let Folder { submissions, results, stages, build } = folder;
    let tests = stages::tests();
    let rubric = Rubric::read(&tree::root().join("grading/rubric.toml"), extent.runs)?;
    let stages: Vec<String> = stages.iter().map(|stage| (*stage).to_owned()).collect();
    std::fs::create_dir_all(results).map_err(|error| error.to_string())?;
    let plan = Plan {
        handed_in: HandedIn::find(submissions, None)?,
        results: results.to_owned(),
        scoring: Scoring {
            items: rubric.items(&stages, &tests)?,
            rubric: rubric.id(),
            ..Scoring::default()
        },
        tests,
        clock: Clock::Sim,
        runs: extent.runs,
        per_run: PER_RUN,
        jobs: extent.jobs,
        sandbox: extent.sandbox,
        seeds: Secret::open(&results.join("secret"))?.seeds(),
        build,
        live: None,
    };
    if Opened::new(&plan)?.grade()? == Graded::Interrupted {
        return Err("interrupted".to_owned());
    }
    let entries = RunLog::read(results)?;
    let all: Results = report::write_all(results, &entries, &plan.scoring, Seeds::Secret)?;
    Ok(all
        .students
        .into_iter()
        .map(|student| (student.student.raw().to_owned(), student))
        .collect())
}

/// Hands in a solution's Raft as `reference`, and the handout's as `skeleton`.
pub(super) fn hand_in_raft(
    reference: &Solution,
    handout: &Handout,
    submissions: &Path,
) -> Result<(), String> {
    reference.of("raft").put(&submissions.join("reference"))?;
    let skeleton = handout.files.get(Path::new("raft/src/raft.rs"));
    write_file(&submissions.join("skeleton.rs"), skeleton.ok_or("the handout has no raft.rs")?)
}

/// All text that a grading has left behind, except what was handed in.
pub(super) fn all_text(folder: &Path) -> String {
    let files = WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let own = files
        .filter(|entry| entry.file_type().is_file())
        .map(DirEntry::into_path)
        .filter(|path| !path.starts_with(folder.join("submissions")));
    let text = |path: PathBuf| {
        String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
    };
    own.map(text).collect()
}

/// The runs in a log, by student. Those with the same files share them.
pub(super) fn runs(results: &Path) -> Result<BTreeMap<String, Vec<Run>>, String> {
    let entries = RunLog::read(results)?;
    let runs_of = |submission: &str| {
        let runs = entries.iter().filter_map(|entry| match entry {
            Entry::Run(run) if run.submission == submission => Some((**run).clone()),
            _ => None,
        });
        runs.collect()
    };
    let builds = entries.iter().filter_map(|entry| match entry {
        Entry::Build(build) => Some((build.student.clone(), runs_of(&build.submission))),
        _ => None,
    });
    Ok(builds.collect())
}
