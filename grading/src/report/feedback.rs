//! The feedback for a student.

use askama::Template;
use records::Clock;

use super::files_taken::Files;
use super::hint::hint;
use super::page::{STYLE, policy};
use super::text::{
    cut, markdown_text, markdown_title, show_failures, show_finding, show_rate, title_parts,
};
use super::visibility::StudentView;
use crate::adjustments::Step;
use crate::foreign::Foreign;
use crate::picture_files::file_name;
use crate::points::{show_change, show_points};
use crate::results::{Finding, FirstFailure, TestResult};
use crate::rubric::Detail;
use crate::runlog::{Grading, Outcome, Picture};

/// What both forms of the feedback show.
struct Page<'a> {
    student: &'a Foreign,
    points: String,
    possible: String,
    origin: Files<'a>,
    /// Why nothing could run, in a sentence without a full stop, and in full.
    trouble: Option<(String, &'a Foreign)>,
    /// Whether runs are missing.
    incomplete: bool,
    runs: u64,
    rows: Vec<Row<'a>>,
    /// How passed runs become points, and for which tests.
    rules: Vec<(&'a str, String)>,
    /// How many tests count and are not shown. The points leave them out.
    withheld: usize,
    /// The points before any adjustment.
    before: String,
    adjustments: Vec<Adjusted<'a>>,
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

/// An adjustment of the points.
struct Adjusted<'a> {
    what: &'a str,
    /// How many points it adds; empty if that is not to be seen.
    points: String,
    reason: &'a Foreign,
}

struct Failure<'a> {
    test: &'a str,
    title: &'a str,
    failures: String,
    class: &'static str,
    /// What the first failure says, if that is shown.
    message: Option<Message<'a>>,
    time: Option<String>,
    hint: &'static str,
    picture: Link,
    replay: Replay,
}

struct Message<'a> {
    expected: &'a Foreign,
    seen: &'a Foreign,
    details: &'a Foreign,
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
    /// The command, and where it replays the failure.
    Command { command: String, place: String },
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
    style: &'static str,
    policy: String,
    page: Page<'a>,
}

/// The feedback as Markdown.
pub(crate) fn markdown(view: &StudentView, grading: &Grading) -> Result<String, String> {
    let page = Page::of(view, grading);
    Markdown { page }.render().map_err(|error| format!("cannot write the feedback: {error}"))
}

/// The feedback as a page. Only the pictures that it links to are files of their own.
pub(super) fn html(view: &StudentView, grading: &Grading) -> Result<String, String> {
    let page = Page::of(view, grading);
    let html = Html { style: STYLE, policy: policy(None), page };
    html.render().map_err(|error| format!("cannot write the feedback: {error}"))
}

/// The feedback on one test, as Markdown, with at most so many bytes of what was expected and seen.
pub(super) fn of_test(test: &TestResult, grading: &Grading, length: usize) -> String {
    let mut text = format!("{}: {}\n", show_finding(test), show_rate(test));
    if let Some(failure) = Failure::of(test, grading) {
        text.push_str(&format!("\n{}\n", failure.failures));
        if let Some(message) = &failure.message {
            text.push_str(&message.short_block(length));
        }
        text.push_str(&format!("\n{}\n\n{}\n", failure.hint, failure.replay.show()));
    }
    text
}

impl<'a> Page<'a> {
    fn of(view: &'a StudentView, grading: &Grading) -> Self {
        let student = &view.result;
        let trouble = student.outcome != Outcome::Built;
        let trouble = trouble.then(|| (student.outcome.sentence(), &student.message));
        let tests: &[TestResult] = if trouble.is_some() { &[] } else { &student.tests };
        Page {
            student: &student.student,
            points: show_points(student.points),
            possible: show_points(student.possible),
            origin: Files::of(&student.origin),
            trouble,
            incomplete: student.incomplete,
            runs: grading.runs,
            rows: tests.iter().map(Row::of).collect(),
            rules: rules(tests),
            withheld: view.withheld,
            before: show_points(student.before),
            adjustments: student.adjustments.iter().map(Adjusted::of).collect(),
            failures: tests.iter().filter_map(|test| Failure::of(test, grading)).collect(),
        }
    }
}

/// The rules by which passed runs become points, and their tests. The rule of most tests comes last.
fn rules(tests: &[TestResult]) -> Vec<(&str, String)> {
    let mut rules: Vec<(&str, Vec<&str>)> = Vec::new();
    for test in tests {
        match rules.iter_mut().find(|(rule, _)| *rule == test.rule) {
            Some((_, others)) => others.push(&test.test),
            None => rules.push((&test.rule, vec![&test.test])),
        }
    }
    rules.sort_by_key(|(_, tests)| tests.len());
    let last = rules.len().saturating_sub(1);
    let names = |(number, (rule, tests)): (usize, (_, Vec<&str>))| match (number, last) {
        (_, 0) => (rule, "each test".to_owned()),
        (number, last) if number == last => (rule, "all other tests".to_owned()),
        _ => (rule, tests.join(", ")),
    };
    rules.into_iter().enumerate().map(names).collect()
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

    fn title_parts(&self) -> Vec<(bool, &str)> {
        title_parts(self.title)
    }
}

impl<'a> Adjusted<'a> {
    fn of(step: &'a Step) -> Self {
        let points = step.points.map_or_else(String::new, show_change);
        Adjusted { what: &step.what, points, reason: &step.reason }
    }

    fn markdown_reason(&self) -> String {
        markdown_text(self.reason)
    }
}

impl<'a> Failure<'a> {
    fn of(test: &'a TestResult, grading: &Grading) -> Option<Self> {
        let first = test.first.as_ref()?;
        Some(Failure {
            test: &test.test,
            title: &test.title,
            failures: show_failures(test),
            class: first.class.describe(),
            message: (test.detail == Detail::Message).then_some(Message {
                expected: &first.expected,
                seen: &first.seen,
                details: &first.details,
            }),
            time: first.virtual_seconds.map(|seconds| format!("{seconds:.3} s")),
            hint: hint(first.class),
            picture: Link::of(test, first),
            replay: Replay::of(test, first, grading),
        })
    }

    fn title_parts(&self) -> Vec<(bool, &str)> {
        title_parts(self.title)
    }

    fn markdown_title(&self) -> String {
        markdown_title(self.title)
    }
}

impl Message<'_> {
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
    fn of(test: &TestResult, first: &FirstFailure, grading: &Grading) -> Self {
        let is_simulated = grading.clock == Clock::Sim;
        let clock = if is_simulated { " --sim" } else { "" };
        let processor = match grading.harness.processor.as_str() {
            kind if is_simulated && !kind.is_empty() => format!(", on an {kind} processor"),
            _ => String::new(),
        };
        match first.seed {
            Some(seed) => Replay::Command {
                command: format!("cargo lab run --exact {}{clock} --seed {seed}", test.test),
                place: format!("in your own workspace{processor}"),
            },
            None if test.detail == Detail::Class => {
                Replay::None("Try many seeds of your own: cargo lab run TEST --sim -n 1000")
            }
            None => Replay::None(
                "The seeds stay secret until grading is over. Try many seeds of your own: cargo lab run TEST \
                 --sim -n 1000",
            ),
        }
    }

    fn show(&self) -> String {
        match self {
            Replay::Command { command, place } => format!("To replay it {place}:\n\n    {command}"),
            Replay::None(reason) => (*reason).to_owned(),
        }
    }
}
