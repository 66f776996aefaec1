//! A grading that is killed and gone on with ends like one that was not interrupted, and runs the same files once.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use super::findings::Findings;
use super::grading::{Extent, Folder, PER_RUN, grade_folder, hand_in_raft};
use super::in_parts;
use super::solution::Solution;
use crate::handout::Handout;
use crate::runlog::{Entry, RunLog};
use crate::stages::Cut;
use crate::{own_program, tree};

const STAGES: &[&str] = &["2A"];

/// A solution, and another submission of the same files.
const REFERENCE: &str = "reference";
const TWIN: &str = "twin";

/// After how many lines of the log the grading is killed.
const KILLED_AT: [usize; 2] = [8, 16];

/// Grades a solution twice and the skeleton, once at a stretch and once killed twice, and compares the reports.
pub(super) fn check(extent: Extent, folder: &Path, findings: &mut Findings) -> Result<(), String> {
    let root = tree::root();
    let submissions = folder.join("submissions");
    let handout = Handout::cut(&root, &Cut::all())?;
    let solution = Solution::read(&root)?;
    hand_in_raft(&solution, &handout, &submissions)?;
    solution.of("raft").put(&submissions.join(TWIN))?;
    let whole = folder.join("results");
    grade_folder(extent, Folder::new(&submissions, &whole, STAGES))?;

    let resumed = folder.join("resumed");
    std::fs::create_dir_all(&resumed).map_err(|error| error.to_string())?;
    std::fs::copy(whole.join("secret"), resumed.join("secret"))
        .map_err(|error| error.to_string())?;
    let mut killed_at = Vec::new();
    for lines in KILLED_AT {
        killed_at.push(grade_and_kill(extent, &submissions, &resumed, lines)?);
    }
    grade_folder(extent, Folder::new(&submissions, &resumed, STAGES))?;
    for results in [&whole, &resumed] {
        note_twin(results, findings)?;
    }
    for report in ["summary.json", "gradebook.csv", "students/reference/feedback.html"] {
        let [one, other] = [&whole, &resumed].map(|folder| std::fs::read(folder.join(report)).ok());
        findings.note(
            &format!("{report} is the same after grading was killed twice, at {killed_at:?} lines"),
            one.is_some() && one == other,
            "it differs",
        );
    }
    in_parts::check(&submissions, &whole, &options(extent), findings)
}

/// The options that make all of these gradings the same.
fn options(extent: Extent) -> Vec<String> {
    vec![
        format!("--seeds={}", extent.runs),
        format!("--jobs={}", extent.jobs),
        format!("--stages={}", STAGES.join(",")),
        format!("--cpu-per-run={}", PER_RUN.as_secs()),
    ]
}

/// Checks that the same files have the same reports, and that no run was made twice.
fn note_twin(results: &Path, findings: &mut Findings) -> Result<(), String> {
    let [one, other] = [REFERENCE, TWIN].map(|name| {
        let path = results.join("students").join(name).join("feedback.html");
        std::fs::read_to_string(path).ok().map(|text| text.replace(name, "NAME"))
    });
    let is_same = one.is_some() && one == other;
    findings.note("the same files have the same reports", is_same, "they differ");
    let mut seen = BTreeSet::new();
    let mut twice = Vec::new();
    for entry in RunLog::read(results)? {
        if let Entry::Run(run) = entry
            && run.counts()
            && !seen.insert((run.submission.clone(), run.record.test.clone(), run.index))
        {
            twice.push(format!("{} {}", run.record.test, run.index));
        }
    }
    findings.note("no run is made twice", twice.is_empty(), &twice.join(", "));
    Ok(())
}

/// Grades in a process of its own, and kills it when its log has so many lines. Returns how many it has then.
fn grade_and_kill(
    extent: Extent,
    submissions: &Path,
    results: &Path,
    lines: usize,
) -> Result<usize, String> {
    let count =
        || std::fs::read_to_string(results.join("runs.jsonl")).map_or(0, |log| log.lines().count());
    let mut child = own_program::command()
        .arg("run")
        .arg(submissions)
        .arg("--out")
        .arg(results)
        .args(options(extent))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("this program does not start: {error}"))?;
    while count() < lines {
        if child.try_wait().map_err(|error| error.to_string())?.is_some() {
            return Err(format!("the grading ended before its log had {lines} lines"));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    let _ = child.wait();
    Ok(count())
}
