//! What a student gets to read.

use askama::Template;
use records::Clock;

use super::{Seeds, hint, show_failures, show_finding, show_points, show_rate};
use crate::runlog::{Grading, Outcome};
use crate::standing::{Finding, Standing, TestStanding};

/// What both forms of the feedback show.
struct Page<'a> {
    student: &'a str,
    points: String,
    possible: String,
    /// What kept everything from running, in a few words and in many.
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

/// How to run it again.
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
    standing: &Standing,
    grading: &Grading,
    seeds: Seeds,
) -> Result<String, String> {
    let page = Page::of(standing, grading, seeds);
    Markdown { page }.render().map_err(|error| format!("the feedback cannot be written: {error}"))
}

/// The feedback as a page that needs nothing but itself.
pub(super) fn html(standing: &Standing, grading: &Grading, seeds: Seeds) -> Result<String, String> {
    let page = Page::of(standing, grading, seeds);
    Html { page }.render().map_err(|error| format!("the feedback cannot be written: {error}"))
}

/// What there is to say of one test, as Markdown.
pub(super) fn of_test(test: &TestStanding, grading: &Grading, seeds: Seeds) -> String {
    let mut text = format!("{}: {}\n", show_finding(test), show_rate(test));
    if let Some(failure) = Failure::of(test, grading, seeds) {
        text.push_str(&format!("\n{}\n", failure.failures));
        text.push_str(&fenced(&failure.report()));
        text.push_str(&format!("\n{}\n\n{}\n", failure.hint, failure.replay.show()));
    }
    text
}

impl<'a> Page<'a> {
    fn of(standing: &'a Standing, grading: &Grading, seeds: Seeds) -> Self {
        let trouble = standing.outcome != Outcome::Built;
        let trouble = trouble.then(|| (standing.outcome.describe(), standing.message.as_str()));
        let tests: &[TestStanding] = if trouble.is_some() { &[] } else { &standing.tests };
        Page {
            student: &standing.student,
            points: show_points(standing.points),
            possible: show_points(standing.possible),
            trouble,
            incomplete: standing.incomplete,
            runs: grading.runs,
            rows: tests.iter().map(Row::of).collect(),
            failures: tests.iter().filter_map(|test| Failure::of(test, grading, seeds)).collect(),
        }
    }
}

impl<'a> Row<'a> {
    fn of(test: &'a TestStanding) -> Self {
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
    fn of(test: &'a TestStanding, grading: &Grading, seeds: Seeds) -> Option<Self> {
        let first = test.first.as_ref()?;
        let clock = if grading.clock == Clock::Sim { " --sim" } else { "" };
        let replay = match seeds {
            Seeds::Revealed => Replay::Command(format!(
                "cargo lab run --exact {}{clock} --seed {}",
                test.test, first.seed
            )),
            Seeds::Secret => Replay::None(
                "The seeds are secret while grading goes on. Try many of your own: `cargo lab run \
                 TEST --sim -n 1000`.",
            ),
        };
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
            replay,
        })
    }

    fn report(&self) -> String {
        format!("expected  {}\nseen      {}\n\n{}", self.expected, self.seen, self.details)
    }

    /// The report in a fence that nothing in it can close.
    fn fence(&self) -> String {
        fenced(&self.report())
    }
}

impl Replay {
    fn show(&self) -> String {
        match self {
            Replay::Command(command) => format!("    {command}"),
            Replay::None(reason) => (*reason).to_owned(),
        }
    }
}

/// A block of preformatted text, whatever is in it.
fn fenced(text: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("\n{fence}text\n{}\n{fence}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::fenced;

    #[test]
    fn no_text_ends_its_fence() {
        assert_eq!(fenced("a"), "\n```text\na\n```\n");
        assert_eq!(fenced("x\n````\n# y"), "\n`````text\nx\n````\n# y\n`````\n");
    }
}
