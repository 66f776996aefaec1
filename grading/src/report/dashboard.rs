//! The results of the class on one page.

use askama::Template;
use records::Interval;
use rusqlite::Connection;

use super::text::{show_adjustment, show_outcome, show_reasons};
use crate::foreign::Foreign;
use crate::points::show_points;
use crate::results::{Results, StudentResult};
use crate::rubric::RubricId;
use crate::runlog::Grading;

/// How many bars the distribution of scores has.
const BINS: usize = 10;

#[derive(Template)]
#[template(path = "dashboard.html")]
struct Dashboard<'a> {
    grading: &'a Grading,
    rubric: &'a RubricId,
    /// The name of the rubric's file.
    rubric_name: Foreign,
    has_adjustments: bool,
    students: usize,
    mean: String,
    median: String,
    full: usize,
    possible: String,
    tests: Vec<Test>,
    bins: Vec<Bin>,
    flaky: Vec<(String, u64, u64)>,
    classes: Vec<Bar>,
    rows: Vec<Row<'a>>,
}

/// A test over all students. Rates are percentages.
struct Test {
    name: String,
    rate: f64,
    low: f64,
    high: f64,
    runs: u64,
}

/// A bar of the distribution: its position and height, in units of the picture.
struct Bin {
    x: f64,
    height: f64,
    count: usize,
    label: String,
}

struct Bar {
    label: String,
    count: u64,
    /// As a percentage of the longest bar.
    width: f64,
}

struct Row<'a> {
    student: &'a Foreign,
    points: String,
    adjustment: String,
    reasons: Foreign,
    stages: Vec<String>,
    worst: String,
    outcome: String,
    isolation: &'a Foreign,
}

/// The page of the whole class. It needs no other files.
pub(super) fn render(database: &Connection, results: &Results) -> Result<String, String> {
    let fail = |error: rusqlite::Error| format!("cannot read the database: {error}");
    let mut points: Vec<f64> = results.students.iter().map(|student| student.points).collect();
    points.sort_by(f64::total_cmp);
    let possible = results.students.first().map_or(0.0, |student| student.possible);
    let page = Dashboard {
        grading: &results.grading,
        rubric: &results.rubric,
        rubric_name: Foreign::new(results.rubric.name.as_str()),
        has_adjustments: results.students.iter().any(|student| !student.adjustments.is_empty()),
        students: points.len(),
        mean: format!("{:.1}", mean(&points)),
        median: show_points(median(&points)),
        full: points.iter().filter(|points| **points >= possible).count(),
        possible: show_points(possible),
        tests: tests(database).map_err(fail)?,
        bins: bins(&points, possible),
        flaky: flaky(database).map_err(fail)?,
        classes: classes(database).map_err(fail)?,
        rows: rows(results),
    };
    page.render().map_err(|error| format!("cannot write the dashboard: {error}"))
}

fn mean(points: &[f64]) -> f64 {
    points.iter().sum::<f64>() / points.len().max(1) as f64
}

fn median(sorted: &[f64]) -> f64 {
    match sorted.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
    }
}

fn bins(points: &[f64], possible: f64) -> Vec<Bin> {
    let mut counts = [0usize; BINS];
    for points in points {
        let share = if possible > 0.0 { points / possible } else { 0.0 };
        counts[((share * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    let highest = counts.iter().copied().max().unwrap_or(0).max(1);
    let bin = |(index, count): (usize, &usize)| Bin {
        x: 60.0 * index as f64,
        height: 120.0 * *count as f64 / highest as f64,
        count: *count,
        label: show_points((possible * index as f64 / BINS as f64).round()),
    };
    counts.iter().enumerate().map(bin).collect()
}

fn tests(database: &Connection) -> rusqlite::Result<Vec<Test>> {
    let mut query = database.prepare(
        "SELECT test, SUM(passed), SUM(runs) FROM test_result GROUP BY test ORDER BY MIN(rowid)",
    )?;
    let rows = query.query_map([], |row| {
        let (passed, runs): (u64, u64) = (row.get(1)?, row.get(2)?);
        let interval = Interval::of(passed, runs);
        let rate = if runs == 0 { 0.0 } else { 100.0 * passed as f64 / runs as f64 };
        let (low, high) = (100.0 * interval.low, 100.0 * interval.high);
        Ok(Test { name: row.get(0)?, rate, low, high, runs })
    })?;
    rows.collect()
}

/// The tests that are flaky for the most students, with the number of their failed runs.
fn flaky(database: &Connection) -> rusqlite::Result<Vec<(String, u64, u64)>> {
    let mut query = database.prepare(
        "SELECT test, COUNT(*), SUM(runs - passed) FROM test_result WHERE finding = 'flaky'
         GROUP BY test ORDER BY 2 DESC, 3 DESC, 1 LIMIT 10",
    )?;
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
}

fn classes(database: &Connection) -> rusqlite::Result<Vec<Bar>> {
    let mut query = database.prepare(
        "SELECT class, COUNT(*) FROM run WHERE class <> 'passed' GROUP BY class
         UNION ALL
         SELECT outcome, COUNT(*) FROM student WHERE outcome <> 'compiles' GROUP BY outcome
         ORDER BY 2 DESC, 1",
    )?;
    let found: rusqlite::Result<Vec<(String, u64)>> =
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect();
    let found = found?;
    let longest = found.first().map_or(1, |(_, count)| (*count).max(1)) as f64;
    let bar = |(label, count)| Bar { label, count, width: 100.0 * count as f64 / longest };
    Ok(found.into_iter().map(bar).collect())
}

fn rows(results: &Results) -> Vec<Row<'_>> {
    results.students.iter().map(|student| row(student, &results.grading.stages)).collect()
}

fn row<'a>(student: &'a StudentResult, stages: &[String]) -> Row<'a> {
    let worst = student.worst();
    Row {
        student: &student.student,
        points: show_points(student.points),
        adjustment: show_adjustment(student),
        reasons: show_reasons(student),
        stages: stages.iter().map(|stage| show_points(student.stage_points(stage))).collect(),
        worst: worst.map_or_else(String::new, |test| {
            format!("{} {}/{}", test.test, test.passed, test.runs)
        }),
        outcome: show_outcome(student),
        isolation: &student.isolation,
    }
}
