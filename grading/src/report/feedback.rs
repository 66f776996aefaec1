//! The feedback for a student.

use askama::Template;
use records::Clock;

use super::hint::hint;
use super::text::{show_failures, show_finding, show_points, show_rate};
use crate::results::{Finding, FirstFailure, StudentResult, TestResult};
use crate::runlog::{Grading, Outcome};

/// Whether students are told the seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seeds {
    /// No seed is told, so that they can be used again.
    Secret,
    /// The seeds that failed are told, so that students can replay their failures.
    Revealed,
}

/// What both forms of the feedback show.
struct Page<'a> {
    student: &'a str,
    points: String,
    possible: String,
    /// Why nothing could run, in a few words and in full.
    trouble: Option<(&'a str, &'a str)>,
    /// Whether runs are missing.
    incomplete: bool,
    runs: u64,
    rows: Vec<Row<'a>>,
    failures: Vec<Failure<'a>>,
}

struct Row<'a> {
    test: &'a str,
    title: &'a str,
    finding: String,
    /// For the style of the row: ok, flaky, failed or skipped.
    mark: &'static str,
    rate: String,
    points: String,
    possible: String,
}

struct Failure<'a> {
    test: &'a str,
    title: &'a str,
    failures: String,
    class: &'static str,
    expected: &'a str,
    seen: &'a str,
    details: &'a str,
    time: Option<String>,
    hint: &'static str,
    replay: Replay,
}

/// How to replay a failure.
enum Replay {
    Command(String),
    /// Why there is no command.
    None(&'static str),
}

#[derive(Template)]
#[template(path = "feedback.md", escape = "none")]
struct Markdown<'a> {
    page: Page<'a>,
}

#[derive(Template)]
#[template(path = "feedback.html")]
struct Html<'a> {
    page: Page<'a>,
}

/// The feedback as Markdown.
pub(super) fn markdown(
    student: &StudentResult,
    grading: &Grading,
    seeds: Seeds,
) -> Result<String, String> {
    let page = Page::of(student, grading, seeds);
    Markdown { page }.render().map_err(|error| format!("cannot write the feedback: {error}"))
}

/// The feedback as a page that needs no other files.
pub(super) fn html(
    student: &StudentResult,
    grading: &Grading,
    seeds: Seeds,
) -> Result<String, String> {
    let page = Page::of(student, grading, seeds);
    Html { page }.render().map_err(|error| format!("cannot write the feedback: {error}"))
}

/// The feedback on one test, as Markdown.
pub(super) fn of_test(test: &TestResult, grading: &Grading, seeds: Seeds) -> String {
    let mut text = format!("{}: {}\n", show_finding(test), show_rate(test));
    if let Some(failure) = Failure::of(test, grading, seeds) {
        text.push_str(&format!("\n{}\n", failure.failures));
        text.push_str(&fenced(&failure.report()));
        text.push_str(&format!("\n{}\n\n{}\n", failure.hint, failure.replay.show()));
    }
    text
}

impl<'a> Page<'a> {
    fn of(student: &'a StudentResult, grading: &Grading, seeds: Seeds) -> Self {
        let trouble = student.outcome != Outcome::Built;
        let trouble = trouble.then(|| (student.outcome.describe(), student.message.as_str()));
        let tests: &[TestResult] = if trouble.is_some() { &[] } else { &student.tests };
        Page {
            student: &student.student,
            points: show_points(student.points),
            possible: show_points(student.possible),
            trouble,
            incomplete: student.incomplete,
            runs: grading.runs,
            rows: tests.iter().map(Row::of).collect(),
            failures: tests.iter().filter_map(|test| Failure::of(test, grading, seeds)).collect(),
        }
    }
}

impl<'a> Row<'a> {
    fn of(test: &'a TestResult) -> Self {
        let mark = match test.finding {
            Finding::Ok => "ok",
            Finding::Flaky => "flaky",
            Finding::Broken => "failed",
            Finding::NeedsOther(_) | Finding::NotJudged => "skipped",
        };
        Row {
            test: &test.test,
            title: &test.title,
            finding: show_finding(test),
            mark,
            rate: if test.runs == 0 { String::new() } else { show_rate(test) },
            points: show_points(test.points),
            possible: show_points(test.possible),
        }
    }
}

impl<'a> Failure<'a> {
    fn of(test: &'a TestResult, grading: &Grading, seeds: Seeds) -> Option<Self> {
        let first = test.first.as_ref()?;
        Some(Failure {
            test: &test.test,
            title: &test.title,
            failures: show_failures(test),
            class: first.class.describe(),
            expected: &first.expected,
            seen: &first.seen,
            details: first.details.trim_end(),
            time: first.virtual_seconds.map(|seconds| format!("{seconds:.3} s")),
            hint: hint(first.class),
            replay: Replay::of(test, first, grading, seeds),
        })
    }

    fn report(&self) -> String {
        format!("expected  {}\nseen      {}\n\n{}", self.expected, self.seen, self.details)
    }

    /// The report as a fenced code block.
    fn fence(&self) -> String {
        fenced(&self.report())
    }
}

impl Replay {
    fn of(test: &TestResult, first: &FirstFailure, grading: &Grading, seeds: Seeds) -> Self {
        let clock = if grading.clock == Clock::Sim { " --sim" } else { "" };
        match seeds {
            Seeds::Revealed => Replay::Command(format!(
                "cargo lab run --exact {}{clock} --seed {}",
                test.test, first.seed
            )),
            Seeds::Secret => Replay::None(
                "The seeds stay secret until grading is over. Try many seeds of your own: cargo lab run TEST \
                 --sim -n 1000",
            ),
        }
    }

    fn show(&self) -> String {
        match self {
            Replay::Command(command) => format!("    {command}"),
            Replay::None(reason) => (*reason).to_owned(),
        }
    }
}

/// A fenced code block. The fence is longer than any in the text, so that the text cannot close it.
fn fenced(text: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("\n{fence}text\n{}\n{fence}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::fenced;

    #[test]
    fn no_text_can_close_its_fence() {
        assert_eq!(fenced("a"), "\n```text\na\n```\n");
        assert_eq!(fenced("x\n````\n# y"), "\n`````text\nx\n````\n# y\n`````\n");
    }
}
