//! How results are worded in all reports.

use std::cmp::Reverse;

use records::Class;

use crate::adjustments::Step;
use crate::foreign::Foreign;
use crate::points::show_change;
use crate::results::{Finding, StudentResult, TestResult};
use crate::runlog::Outcome;

/// The parts of the title of a test, and whether they are code: that is between grave accents.
pub(super) fn title_parts(title: &str) -> Vec<(bool, &str)> {
    title.split('`').enumerate().map(|(number, part)| (number % 2 == 1, part)).collect()
}

/// The title of a test in Markdown.
pub(super) fn markdown_title(title: &str) -> String {
    let shown = title_parts(title).into_iter().map(|(is_code, part)| {
        if is_code { part.to_owned() } else { part.replace('<', "\\<").replace('|', "\\|") }
    });
    shown.collect::<Vec<_>>().join("`")
}

/// Text from elsewhere in one line of Markdown, within a paragraph or a cell of a table.
pub(super) fn markdown_text(text: &Foreign) -> String {
    let escaped = |text: String, letter: char| {
        let text = if "\\`*_[]<>&|#~!$".contains(letter) { text + "\\" } else { text };
        text + letter.encode_utf8(&mut [0; 4])
    };
    text.line().chars().fold(String::new(), escaped)
}

/// The number of passed runs, and the confidence interval of the pass rate.
pub(super) fn show_rate(test: &TestResult) -> String {
    let TestResult { passed, runs, .. } = test;
    let rate = test.rate();
    let missing =
        if test.lacks_runs() { format!(" ({} planned)", test.planned) } else { String::new() };
    format!("{passed}/{runs} passed{missing}, {:.1}-{:.1} %", 100.0 * rate.low, 100.0 * rate.high)
}

/// The result of a test in a word or two.
pub(super) fn show_finding(test: &TestResult) -> String {
    match &test.finding {
        Finding::Ok => "ok".to_owned(),
        Finding::Flaky => "flaky".to_owned(),
        Finding::Broken => "failed".to_owned(),
        Finding::NeedsOther(other) => format!("needs {other}"),
        Finding::NotJudged => "not graded".to_owned(),
    }
}

/// The failures of a test, most frequent first.
pub(super) fn show_failures(test: &TestResult) -> String {
    let mut failures: Vec<_> = test.failures.iter().collect();
    failures.sort_by_key(|(class, count)| (Reverse(**count), **class));
    let show = |(class, count): (&Class, &u64)| format!("{count} x {}", class.describe());
    failures.into_iter().map(show).collect::<Vec<_>>().join(", ")
}

/// By how much the points of a student were adjusted; empty if they were not.
pub(super) fn show_adjustment(student: &StudentResult) -> String {
    match student.adjustments.as_slice() {
        [] => String::new(),
        _ => show_change(student.points - student.before),
    }
}

/// What was adjusted, and why.
pub(super) fn show_reasons(student: &StudentResult) -> Foreign {
    let show = |step: &Step| format!("{}: {}", step.what, step.reason.raw());
    Foreign::new(student.adjustments.iter().map(show).collect::<Vec<_>>().join("; "))
}

/// What is wrong with a submission as a whole; empty if nothing is.
pub(super) fn show_outcome(student: &StudentResult) -> String {
    match student.outcome {
        Outcome::Built if student.incomplete => "incomplete: run the same command again".to_owned(),
        Outcome::Built => String::new(),
        other => other.describe().to_owned(),
    }
}

/// A text of at most so many bytes, and a few words in the place of what was cut.
pub(super) fn cut(text: String, length: usize) -> String {
    if text.len() <= length {
        return text;
    }
    let end = (0..=length).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}\n... {} bytes were cut here", &text[..end], text.len() - end)
}
