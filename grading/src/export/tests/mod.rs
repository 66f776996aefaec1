//! Exports of a small class with names of all kinds.

mod autolab;
mod canvas;
mod classroom50;
mod moodle;
mod plagiarism;

use std::path::PathBuf;

use records::Class as Verdict;
use tempfile::TempDir;

use super::class::Class;
use super::output::Exported;
use crate::report::tests::{build, grading, run, scoring};
use crate::results::Results;
use crate::roster::Roster;
use crate::runlog::{Entry, Outcome};
use crate::scoring::Scoring;

/// A name with everything that has a meaning in a table.
const HOSTILE: &str = "=cmd|'calc'!A0, \"Bo;b\" <img src=x>";

/// A name from right to left.
const ARABIC: &str = "محمد علي";

/// Students by name, with 6, 1.5 and 0 points, one whose program does not compile, and one whose runs are not
/// complete.
fn results() -> Results {
    results_by(&scoring())
}

/// The same with points by other rules.
fn results_by(scoring: &Scoring) -> Results {
    let mut log = vec![Entry::Grading(grading())];
    for (student, passes) in [("anna", [2, 2]), ("bob", [1, 1]), (HOSTILE, [2, 2]), ("zoe", [0, 0])]
    {
        log.push(build(student, Outcome::Built, ""));
        for (test, passed) in ["2A::first", "2A::second"].into_iter().zip(passes) {
            for index in 0..2 {
                let class = if index < passed { Verdict::Pass } else { Verdict::Assertion };
                log.push(run(student, test, index, class));
            }
        }
    }
    log.push(build("carl", Outcome::BuildError, "raft.rs:1: <script>alert(1)</script>"));
    log.push(build("dora", Outcome::Built, ""));
    log.push(run("dora", "2A::first", 0, Verdict::Pass));
    Results::of(&log, scoring).expect("the log is in order")
}

/// A folder, and what an export writes there.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().expect("the disk is writable"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file.
    fn with(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).expect("the disk is writable");
        self.path(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("it is there")
    }

    /// The class, with a roster of these lines below its header.
    fn class(&self, roster: Option<&str>) -> Class {
        let roster = roster.map(|lines| {
            let path = self.with("roster.csv", &format!("student,name,id,email,group\n{lines}"));
            Roster::load(&path).expect("the roster is valid")
        });
        Class { results: results(), roster }
    }

    /// A text without the path of this folder.
    fn short(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.0.path().display()), "")
    }

    /// Who was left out.
    fn left_out(&self, exported: &Exported) -> Vec<String> {
        exported.left_out.iter().map(|sentence| self.short(sentence)).collect()
    }
}

/// The name of the hostile student in a cell.
fn hostile_cell() -> String {
    format!("\"{}\"", HOSTILE.replace('"', "\"\""))
}

/// The rows of a table.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.expect("all rows are as long"));
    rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
}

/// No cell may be a formula.
fn check_cells(rows: &[Vec<String>]) {
    for cell in rows.iter().flatten() {
        assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
        assert!(!cell.contains(|letter: char| letter.is_control()), "{cell:?}");
    }
}
