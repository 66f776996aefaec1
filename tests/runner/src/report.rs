//! The reports of runs.

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::builder::styling::{AnsiColor, Style};
use records::{Class, Clock, Finding, Series, Work};

use crate::case::{Case, Summary};
use crate::pages;
use crate::processors;
use crate::task::Task;
use crate::text::{WIDTH, push_indented, push_labelled, wrapped};
use crate::verdict::{Ended, Smaller};

/// The width of the column of names.
const NAME_WIDTH: usize = 30;

/// How many lines of the submission's output a failure shows.
const OUTPUT_LINES: usize = 12;

/// Whether verdicts are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    On,
    Off,
}

impl Colours {
    fn paint(self, text: &str, style: Style) -> String {
        if self == Colours::On { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// A failed run that is named with its series.
pub(crate) struct FailedRun {
    pub(crate) class: Class,
    /// The command that runs it again.
    pub(crate) command: String,
}

/// The report of a run: one line if it has passed.
pub(crate) fn run(task: &Task, ended: &Ended, colours: Colours) -> String {
    match ended.verdict.summary.filter(|_| ended.verdict.class == Class::Pass) {
        Some(summary) => {
            let ok = colours.paint("ok", AnsiColor::Green.on_default());
            format!("{} {ok} {}", name_column(&task.case), summary_columns(&summary))
        }
        None => failure(task, ended, colours),
    }
}

/// The report of a failed run: the reasons, and how to run it again.
fn failure(task: &Task, ended: &Ended, colours: Colours) -> String {
    let smaller = ended.smaller.as_deref();
    let verdict = smaller.map_or(&ended.verdict, |smaller| &smaller.verdict);
    let name = name_column(&task.case);
    let outcome = match verdict.class.is_verdict() {
        true => colours.paint("FAILED", AnsiColor::Red.on_default().bold()),
        false => colours.paint("unsure", AnsiColor::Yellow.on_default().bold()),
    };
    let seconds = verdict.virtual_seconds().unwrap_or_else(|| ended.seconds());
    let class = verdict.class.describe();
    let mut text = format!("{name} {outcome} {seconds:5.1}s   {class}\n");
    push_labelled(&mut text, "expected", &verdict.expected);
    push_labelled(&mut text, "seen", &verdict.seen);
    push_indented(&mut text, &verdict.details());
    if !ended.output.trim().is_empty() {
        let output = last_lines(&ended.output);
        push_indented(&mut text, &format!("your program's output\n{output}"));
    }
    match smaller {
        Some(smaller) => push_smaller(&mut text, task, smaller),
        None => _ = writeln!(text, "  again    {}", task.command()),
    }
    if task.clock == Clock::Sim {
        let kind = processors::KIND;
        let _ =
            writeln!(text, "           on an {kind} processor; on others, the seed is another run");
    }
    if task.clock == Clock::Real {
        push_about_clock(&mut text, task);
    }
    if smaller.is_none() && ended.page.is_some() && task.plan.is_default() {
        let (test, seed) = (task.case.id(), task.seed);
        let _ = writeln!(text, "  smaller  cargo lab shrink {test} --seed {seed}");
    }
    match &ended.page {
        Some(Ok(path)) => _ = writeln!(text, "  picture  {}", pages::shown(path)),
        Some(Err(error)) => _ = writeln!(text, "  picture  none: {error}"),
        None => {}
    }
    text
}

/// Says what a smaller run depends on, and how to make it and the first one again.
fn push_smaller(text: &mut String, task: &Task, smaller: &Smaller) {
    let cause: Vec<String> =
        smaller.cause.iter().map(|sentence| wrapped(sentence, WIDTH - 2)).collect();
    push_indented(text, &cause.join("\n"));
    let Smaller { command, size, .. } = smaller;
    let _ = writeln!(text, "  again    {command}");
    push_labelled(text, "smallest", &format!("run that fails in this way: {size}"));
    let _ = writeln!(text, "  first    {}", task.command());
}

/// Says what a simulation would show of a test that has failed on the clock.
fn push_about_clock(text: &mut String, task: &Task) {
    if sim::available().is_ok() {
        let test = task.case.id();
        let _ = writeln!(text, "  more     cargo lab run --exact {test} --sim --seeds 100");
        text.push_str("           each seed replays there, and a failure shows the messages\n");
    }
}

/// The report of all runs of a test, and of those that failed besides the first.
pub(crate) fn series(
    case: &Case,
    series: &Series,
    also_failed: &[FailedRun],
    colours: Colours,
) -> String {
    let outcome = match series.finding() {
        Finding::Ok => colours.paint("ok    ", AnsiColor::Green.on_default()),
        Finding::Flaky => colours.paint("flaky ", AnsiColor::Yellow.on_default().bold()),
        Finding::Broken => colours.paint("FAILED", AnsiColor::Red.on_default().bold()),
        Finding::Unsure => colours.paint("unsure", AnsiColor::Yellow.on_default().bold()),
    };
    let mut text = format!("{} {outcome} {}", name_column(case), series.row());
    let mut by_class: BTreeMap<Class, Vec<&str>> = BTreeMap::new();
    for FailedRun { class, command } in also_failed {
        by_class.entry(*class).or_default().push(command);
    }
    for (class, commands) in by_class {
        let _ = write!(text, "\n  also {}\n    {}", class.describe(), commands.join("\n    "));
    }
    text
}

/// A test's name with dots up to the column of verdicts. A long name has its own line.
fn name_column(case: &Case) -> String {
    let name = format!("{} {} ", case.stage, case.name);
    if name.len() <= NAME_WIDTH {
        return format!("{name:.<NAME_WIDTH$}");
    }
    format!("{}\n   {:.<width$}", name.trim_end(), "", width = NAME_WIDTH - 3)
}

fn summary_columns(summary: &Summary) -> String {
    let Summary { seconds, peers, rpcs, bytes, work } = summary;
    let peers = format!("{peers} peers");
    let rpcs = format!("{rpcs} rpcs");
    let work = match work {
        Work::Commits(count) => format!("{count} commits"),
        Work::Operations(count) => format!("{count} ops"),
    };
    format!("{seconds:5.1}s {peers:>7} {rpcs:>10} {:>8} {work:>11}", amount(*bytes))
}

fn amount(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn last_lines(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let start = lines.len().saturating_sub(OUTPUT_LINES);
    let shorten = |line: &&str| line.chars().take(WIDTH - 2).collect::<String>();
    lines[start..].iter().map(shorten).collect::<Vec<_>>().join("\n")
}
