//! The results as an SQLite database, for queries of your own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, Transaction, params};

use super::text::show_finding;
use crate::files::write_private_file;
use crate::foreign::Foreign;
use crate::picture_files::{file_name, folder};
use crate::results::{Results, StudentResult, TestResult};
use crate::runlog::{Entry, Picture, Run};

const TABLES: &str = "
CREATE TABLE student (student TEXT PRIMARY KEY, submission TEXT, outcome TEXT, message TEXT,
    isolation TEXT, before REAL, points REAL, possible REAL, incomplete INTEGER);
CREATE TABLE adjustment (student TEXT, what TEXT, points REAL, reason TEXT);
CREATE TABLE test_result (student TEXT, test TEXT, stage TEXT, runs INTEGER, passed INTEGER,
    finding TEXT, points REAL, possible REAL, PRIMARY KEY (student, test));
CREATE TABLE run (student TEXT, submission TEXT, test TEXT, stage TEXT, number INTEGER, seed TEXT,
    class TEXT, expected TEXT, seen TEXT, virtual_seconds REAL, wall_seconds REAL, cpu_seconds REAL,
    peak_memory INTEGER, isolation TEXT, picture TEXT);
CREATE INDEX run_of ON run (student, test);
";

/// Writes the database, replacing an old one.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn write(path: &Path, entries: &[Entry], results: &Results) -> Result<(), String> {
    // It contains the seeds. Nothing is lost: it can always be made from the log.
    write_private_file(path, b"")?;
    fill(path, entries, results)
        .map_err(|error| format!("cannot write the database {}: {error}", path.display()))
}

fn fill(path: &Path, entries: &[Entry], results: &Results) -> rusqlite::Result<()> {
    let mut database = Connection::open(path)?;
    let all = database.transaction()?;
    all.execute_batch(TABLES)?;
    for student in &results.students {
        insert_student(&all, student)?;
        for step in &student.adjustments {
            let values =
                params![student.student.lines(), step.what, step.points, step.reason.lines()];
            all.execute("INSERT INTO adjustment VALUES (?, ?, ?, ?)", values)?;
        }
        for test in &student.tests {
            insert_test(&all, &student.student.lines(), test)?;
        }
    }
    let owners = owners(entries);
    for entry in entries {
        if let Entry::Run(run) = entry {
            for student in owners.get(run.submission.as_str()).into_iter().flatten() {
                insert_run(&all, student, run)?;
            }
        }
    }
    all.commit()
}

/// The students who have handed in the same files at some time.
fn owners(entries: &[Entry]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in entries {
        if let Entry::Build(build) = entry {
            owners.entry(&build.submission).or_default().insert(&build.student);
        }
    }
    owners
}

fn insert_student(all: &Transaction<'_>, student: &StudentResult) -> rusqlite::Result<usize> {
    let values = params![
        student.student.lines(),
        student.submission,
        student.outcome.describe(),
        student.message.lines(),
        student.isolation.lines(),
        student.before,
        student.points,
        student.possible,
        student.incomplete
    ];
    all.execute("INSERT INTO student VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
}

fn insert_test(all: &Transaction<'_>, student: &str, test: &TestResult) -> rusqlite::Result<usize> {
    let values = params![
        student,
        test.test,
        test.stage,
        test.runs,
        test.passed,
        show_finding(test),
        test.points,
        test.possible
    ];
    all.execute("INSERT INTO test_result VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
}

fn insert_run(all: &Transaction<'_>, student: &str, run: &Run) -> rusqlite::Result<usize> {
    let record = &run.record;
    let picture = match &run.picture {
        Some(Picture::Made) => {
            let folder = folder(Path::new(""), &run.submission);
            Some(shown(&folder.join(file_name(&record.test)).to_string_lossy()))
        }
        _ => None,
    };
    let values = params![
        shown(student),
        run.submission,
        record.test,
        record.stage,
        run.index,
        record.seed.to_string(),
        record.class.describe(),
        shown(&record.expected),
        shown(&record.seen),
        record.simulated.as_ref().map(|run| run.virtual_seconds),
        record.wall_seconds,
        record.cpu_seconds,
        record.peak_memory,
        shown(&run.isolation),
        picture
    ];
    all.execute("INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
}

fn shown(text: &str) -> String {
    Foreign::new(text).lines()
}
