//! The feedback for a student.

use askama::Template;
use records::Clock;

use super::hint::hint;
use super::text::{cut, markdown_title, show_failures, show_finding, show_points, show_rate};
use super::visibility::{Seeds, is_shown};
use crate::foreign::Foreign;
use crate::picture_files::file_name;
use crate::results::{Finding, FirstFailure, StudentResult, TestResult};
use crate::runlog::{Grading, Outcome, Picture};

/// What both forms of the feedback show.
struct Page<'a> {
    student: &'a Foreign,
    points: String,
    possible: String,
    /// Why nothing could run, in a few words and in full.
    trouble: Option<(&'a str, &'a Foreign)>,
    /// Whether runs are missing.
    incomplete: bool,
    runs: u64,
    rows: Vec<Row<'a>>,
    /// How many tests count and are not shown.
    withheld: usize,
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
    /// Whether a failure is described below.
    is_described: bool,
}

struct Failure<'a> {
    test: &'a str,
    title: &'a str,
    failures: String,
    class: &'static str,
    expected: &'a Foreign,
    seen: &'a Foreign,
    details: &'a Foreign,
    time: Option<String>,
    hint: &'static str,
    picture: Link,
    replay: Replay,
}

/// Where to see a failure.
enum Link {
    /// The file beside the feedback.
    To(String),
    /// There is nothing to see: why.
    Missing(String),
    /// None was due.
    None,
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
pub(crate) fn markdown(
    student: &StudentResult,
    grading: &Grading,
    seeds: Seeds,
) -> Result<String, String> {
    let page = Page::of(student, grading, seeds);
    Markdown { page }.render().map_err(|error| format!("cannot write the feedback: {error}"))
}

/// The feedback as a page. Only the pictures that it links to are files of their own.
pub(super) fn html(
    student: &StudentResult,
    grading: &Grading,
    seeds: Seeds,
) -> Result<String, String> {
    let page = Page::of(student, grading, seeds);
    Html { page }.render().map_err(|error| format!("cannot write the feedback: {error}"))
}

/// The feedback on one test, as Markdown, with at most so many bytes of what was expected and seen.
pub(super) fn of_test(test: &TestResult, grading: &Grading, seeds: Seeds, length: usize) -> String {
    let mut text = format!("{}: {}\n", show_finding(test), show_rate(test));
    if let Some(failure) = Failure::of(test, grading, seeds) {
        text.push_str(&format!("\n{}\n", failure.failures));
        text.push_str(&failure.short_block(length));
        text.push_str(&format!("\n{}\n\n{}\n", failure.hint, failure.replay.show()));
    }
    text
}

impl<'a> Page<'a> {
    fn of(student: &'a StudentResult, grading: &Grading, seeds: Seeds) -> Self {
        let trouble = student.outcome != Outcome::Built;
        let trouble = trouble.then(|| (student.outcome.describe(), &student.message));
        let tests: &[TestResult] = if trouble.is_some() { &[] } else { &student.tests };
        let shown = || tests.iter().filter(|test| is_shown(test, seeds));
        Page {
            student: &student.student,
            points: show_points(student.points),
            possible: show_points(student.possible),
            trouble,
            incomplete: student.incomplete,
            runs: grading.runs,
            rows: shown().map(Row::of).collect(),
            withheld: tests.len() - shown().count(),
            failures: shown().filter_map(|test| Failure::of(test, grading, seeds)).collect(),
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
            is_described: test.first.is_some(),
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
            details: &first.details,
            time: first.virtual_seconds.map(|seconds| format!("{seconds:.3} s")),
            hint: hint(first.class),
            picture: Link::of(test, first),
            replay: Replay::of(test, first, grading, seeds),
        })
    }

    fn markdown_title(&self) -> String {
        markdown_title(self.title)
    }

    /// What was expected and seen, as a block of code in Markdown.
    fn block(&self) -> String {
        self.short_block(usize::MAX)
    }

    /// The same with at most so many bytes.
    fn short_block(&self, length: usize) -> String {
        let [expected, seen] = [self.expected, self.seen].map(Foreign::lines);
        let details = self.details.lines();
        let text = format!("expected  {expected}\nseen      {seen}\n\n{details}");
        Foreign::new(cut(text, length)).markdown_block()
    }
}

impl Link {
    fn of(test: &TestResult, first: &FirstFailure) -> Self {
        match &first.picture {
            Some(Picture::Made) => Link::To(file_name(&test.test)),
            Some(Picture::Missing(why)) => Link::Missing(why.clone()),
            None => Link::None,
        }
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
