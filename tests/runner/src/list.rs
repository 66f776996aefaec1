//! Lists of tests.

use crate::case::Case;
use crate::text::print_line;

/// Each test with its claim.
pub(crate) fn print(cases: &[Case]) {
    for case in cases {
        print_line(&format!("{}\n    {}", case.id(), case.title));
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
