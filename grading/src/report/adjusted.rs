//! Adjustments in all reports.

use std::path::Path;

use serde_json::Value;

use super::gradescope_format::check_gradescope;
use super::tests::{RUBRIC, log, scoring_of};
use super::{Seeds, summary, write_all};
use crate::adjustments::{Adjustment, Adjustments, Change};
use crate::results::Results;
use crate::scoring::Scoring;

/// Good has 6 points, 2 late days and 1 point less.
fn scoring(visibility: &str) -> Scoring {
    let rubric = RUBRIC.replace("after_published", visibility);
    let rubric = rubric.replace("[stage", "[late]\nfactor_per_day = 0.9\n[stage");
    let adjustments = Adjustments::just(
        "good",
        vec![
            Adjustment::because(Change::Points(-1.0), "=no | README"),
            Adjustment::because(Change::LateDays(2), "two days after it was due"),
        ],
    );
    Scoring { adjustments, ..scoring_of(&rubric) }
}

/// The results, and a way to read reports.
fn written(visibility: &str) -> (Results, impl Fn(&str) -> String) {
    let folder = tempfile::tempdir().expect("the disk is writable");
    let results = write_all(folder.path(), &log(), &scoring(visibility), Seeds::Secret);
    let read = move |name: &str| {
        std::fs::read_to_string(folder.path().join(name)).unwrap_or_else(|_| panic!("no {name}"))
    };
    (results.expect("they are written"), read)
}

#[test]
fn every_report_shows_what_was_adjusted_and_why() {
    let (results, read) = written("visible");
    let json = |name: &str| -> Value { serde_json::from_str(&read(name)).expect("it is JSON") };
    // 6 x 0.81 = 4.86; 4.86 - 1 = 3.86
    let in_summary = json("summary.json")["students"][3].clone();
    assert_eq!((&in_summary["before"], &in_summary["points"]), (&6.0.into(), &3.86.into()));
    assert_eq!(in_summary["adjustments"][0]["points"], -1.14);
    for report in ["students/good/feedback.md", "students/good/feedback.html", "dashboard.html"] {
        let text = read(report);
        for part in ["3.86", "2 late days: x 0.81", "1 point off", "two days after it was due"] {
            assert!(text.contains(part), "{report} lacks {part}: {text}");
        }
    }
    assert!(read("students/good/feedback.md").contains("| 1 point off | -1 | =no \\| README |"));
    assert!(read("students/good/feedback.md").starts_with("# good: 3.86 of 6 points\n"));
    assert!(!read("students/flaky/feedback.md").contains("late day"));
    let line = summary(&results).lines().find(|line| line.starts_with("good")).map(str::to_owned);
    let line = line.unwrap_or_default();
    assert!(line.contains("3.86") && line.ends_with("-2.14 adjusted"), "{line}");
}

#[test]
fn the_gradebook_tells_the_points_before_and_after() {
    let (_, read) = written("visible");
    let text = read("gradebook.csv");
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let head = table.headers().expect("it has a head").clone();
    let rows: Vec<_> = table.records().map(|row| row.expect("all rows are as long")).collect();
    let cell = |row: usize, name: &str| {
        let column = head.iter().position(|head| head == name).expect("there is this column");
        rows[row][column].to_owned()
    };
    let of = |row| ["student", "points", "points before", "adjustment"].map(|name| cell(row, name));
    assert_eq!(of(3), ["good", "3.86", "6", "-2.14"]);
    assert_eq!(of(2), ["flaky", "1.5", "1.5", ""]);
    assert_eq!(
        cell(3, "reason"),
        "2 late days: x 0.81: two days after it was due; 1 point off: =no | README"
    );
    assert_eq!(cell(2, "reason"), "");
}

#[test]
fn gradescope_gets_an_entry_of_its_own_and_the_right_total() {
    let (_, read) = written("visible");
    let results: Value =
        serde_json::from_str(&read("students/good/results.json")).expect("it is JSON");
    assert_eq!(check_gradescope(&results), Ok(()));
    assert_eq!(results["score"], 3.86);
    let tests = results["tests"].as_array().expect("it was checked");
    let sum: f64 = tests.iter().filter_map(|test| test["score"].as_f64()).sum();
    assert!((sum - 3.86).abs() < 1e-9, "{sum}");
    let entry = tests.iter().find(|test| test["name"] == "Adjustments").expect("there is one");
    assert_eq!(entry["score"], -2.14);
    assert!(entry["output"].as_str().is_some_and(|text| text.contains("two days after")));
}

#[test]
fn the_database_has_them() {
    let folder = tempfile::tempdir().expect("the disk is writable");
    write_all(folder.path(), &log(), &scoring("visible"), Seeds::Secret).expect("they are written");
    let path: &Path = &folder.path().join("results.db");
    let database = rusqlite::Connection::open(path).expect("it is there");
    let sum = "SELECT before + (SELECT SUM(points) FROM adjustment) - points FROM student WHERE student = 'good'";
    let rest: f64 = database.query_row(sum, [], |row| row.get(0)).expect("the tables are there");
    assert!(rest.abs() < 1e-9, "{rest}");
}

#[test]
fn an_adjustment_does_not_tell_what_a_hidden_test_earned() {
    let (_, read) = written("hidden");
    let results: Value =
        serde_json::from_str(&read("students/good/results.json")).expect("it is JSON");
    assert_eq!(check_gradescope(&results), Ok(()));
    assert!(results["score"].is_null(), "{results}");
    let tests = results["tests"].as_array().expect("it was checked");
    let entry = tests.iter().find(|test| test["name"] == "Adjustments").expect("there is one");
    assert!(entry["score"].is_null(), "{entry}");
    for report in ["feedback.md", "feedback.html", "results.json", "junit.xml"] {
        let text = read(&format!("students/good/{report}"));
        // The points before and after, and what the late days have cost.
        for number in ["3.86", "1.14", "2.14", "4.86"] {
            assert!(!text.contains(number), "{report}: {text}");
        }
        assert!(report == "junit.xml" || text.contains("2 late days: x 0.81"), "{report}: {text}");
    }
    assert!(
        read("students/good/feedback.md")
            .starts_with("# good: 2 of 2 points in the tests shown here\n")
    );
}
