//! The results as a database, for the reports that look across students, and for questions of one's own.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::runlog::Entry;
use crate::standing::Results;

const TABLES: &str = "
CREATE TABLE student (student TEXT PRIMARY KEY, submission TEXT, outcome TEXT, message TEXT,
    isolation TEXT, points REAL, possible REAL, incomplete INTEGER);
CREATE TABLE standing (student TEXT, test TEXT, stage TEXT, runs INTEGER, passed INTEGER,
    finding TEXT, points REAL, possible REAL, PRIMARY KEY (student, test));
CREATE TABLE run (student TEXT, submission TEXT, test TEXT, stage TEXT, number INTEGER, seed TEXT,
    class TEXT, expected TEXT, seen TEXT, virtual_seconds REAL, wall_seconds REAL, cpu_seconds REAL,
    peak_memory INTEGER, isolation TEXT);
CREATE INDEX run_of ON run (student, test);
";

/// Writes the database anew.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn write(
    path: &Path,
    entries: &[Entry],
    results: &Results,
) -> Result<Connection, String> {
    // All of it can be made from the log again.
    if path.exists() {
        std::fs::remove_file(path)
            .map_err(|error| format!("cannot replace {}: {error}", path.display()))?;
    }
    fill(path, entries, results)
        .map_err(|error| format!("cannot write the database {}: {error}", path.display()))
}

fn fill(path: &Path, entries: &[Entry], results: &Results) -> rusqlite::Result<Connection> {
    let mut database = Connection::open(path)?;
    let all = database.transaction()?;
    all.execute_batch(TABLES)?;
    for standing in &results.students {
        all.execute(
            "INSERT INTO student VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                standing.student,
                standing.submission,
                standing.outcome.describe(),
                standing.message,
                standing.isolation,
                standing.points,
                standing.possible,
                standing.incomplete
            ],
        )?;
        for test in &standing.tests {
            all.execute(
                "INSERT INTO standing VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    standing.student,
                    test.test,
                    test.stage,
                    test.runs,
                    test.passed,
                    super::show_finding(test),
                    test.points,
                    test.possible
                ],
            )?;
        }
    }
    for entry in entries {
        let Entry::Run(run) = entry else {
            continue;
        };
        let record = &run.record;
        all.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                run.student,
                run.submission,
                record.test,
                record.stage,
                run.index,
                record.seed.to_string(),
                record.class.describe(),
                record.expected,
                record.seen,
                record.simulated.as_ref().map(|run| run.virtual_seconds),
                record.wall_seconds,
                record.cpu_seconds,
                record.peak_memory,
                run.isolation
            ],
        )?;
    }
    all.commit()?;
    Ok(database)
}
