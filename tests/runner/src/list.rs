//! Lists of tests.

use crate::case::Case;
use crate::text::print_line;

/// What MIT's course has called its stages since 2024.
const AT_MIT: &[(&str, &str)] = &[
    ("2A", "3A"),
    ("2B", "3B"),
    ("2C", "3C"),
    ("2D", "3D"),
    ("3A", "4B"),
    ("3B", "4C"),
    ("4A", "5A to 5C"),
    ("4B", "5A to 5C"),
];

/// Each test with its claim, by stage.
pub(crate) fn print(cases: &[Case]) {
    let mut stage = "";
    for case in cases {
        if case.stage != stage {
            stage = case.stage;
            print_line(&heading(case));
        }
        print_line(&format!("{}\n    {}", case.id(), case.title));
    }
}

/// The name of a stage, and what else there is to know about it.
fn heading(case: &Case) -> String {
    let elsewhere = AT_MIT.iter().find(|(own, _)| *own == case.stage);
    match elsewhere {
        Some((own, other)) => format!("\n{own} (at MIT since 2024: {other})\n"),
        None if case.optional => format!("\n{} (optional: runs only if it is named)\n", case.stage),
        None => format!("\n{}\n", case.stage),
    }
}

/// A line of JSON for each test.
pub(crate) fn print_json(cases: &[Case]) {
    for case in cases {
        print_line(&serde_json::to_string(&case.info()).expect("plain data is JSON"));
    }
}

/// As Rust's own test harness does, which is what nextest reads.
pub(crate) fn print_as_harness(cases: &[Case], is_terse: bool) {
    for case in cases {
        print_line(&format!("{}: test", case.id()));
    }
    if !is_terse {
        print_line(&format!("\n{} tests, 0 benchmarks", cases.len()));
    }
}
