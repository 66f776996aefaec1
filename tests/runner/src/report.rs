//! What the terminal shows.

use std::fmt::Write;
use std::io::{IsTerminal, Write as _};
use std::time::Duration;

use clap::builder::styling::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use records::{Class, Clock, Finding, Series, Work};

use crate::case::{Case, Summary};
use crate::plan::Task;
use crate::process::Ended;

/// The width that texts are wrapped to.
const WIDTH: usize = 78;

/// The width of the column of names.
const NAME_WIDTH: usize = 30;

/// How much of the submission's own output a failure shows.
const OUTPUT_LINES: usize = 12;

/// How many failing seeds of a test are named.
const FAILURES_NAMED: u64 = 5;

/// Prints a line. Nobody may be listening any more, as after `| head`: that is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The terminal, or whatever takes its place.
pub(crate) struct Screen {
    colour: bool,
    /// The line that says what is running; on a terminal only.
    status: Option<ProgressBar>,
}

impl Screen {
    pub(crate) fn new() -> Self {
        let terminal = std::io::stdout().is_terminal();
        let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let status = (terminal && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        });
        Screen { colour, status }
    }

    pub(crate) fn print(&self, text: &str) {
        match &self.status {
            Some(bar) => bar.suspend(|| say(text)),
            None => say(text),
        }
    }

    /// Shows what runs, each with how far it is.
    pub(crate) fn show_running(&self, running: &[String], left: u64) {
        let Some(bar) = &self.status else {
            return;
        };
        bar.set_message(format!("{}, then {left} more", running.join(", ")));
        bar.tick();
    }

    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.status {
            bar.finish_and_clear();
        }
    }

    fn paint(&self, text: &str, style: Style) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// The line of a test that has ended, and for a failure the reasons.
    pub(crate) fn show_end(&self, task: &Task, ended: &Ended) {
        let name = show_name(&task.case);
        let verdict = &ended.verdict;
        if let Some(summary) = verdict.summary.filter(|_| verdict.class == Class::Pass) {
            let ok = self.paint("ok", AnsiColor::Green.on_default());
            self.print(&format!("{name} {ok} {}", show_summary(&summary)));
            return;
        }
        let failed = self.paint("FAILED", AnsiColor::Red.on_default().bold());
        let seconds = seconds_of(ended);
        let mut text = format!("{name} {failed} {seconds:5.1}s   {}\n", verdict.class.describe());
        push_labelled(&mut text, "expected", &verdict.expected);
        push_labelled(&mut text, "seen", &verdict.seen);
        push_indented(&mut text, &verdict.details);
        if !ended.output.trim().is_empty() {
            push_indented(
                &mut text,
                &format!("printed by the submission\n{}", tail(&ended.output)),
            );
        }
        push_labelled(&mut text, "again", &rerun_line(task));
        self.print(&text);
    }

    /// A failed run among many of the same test: the first is told, some more are named.
    pub(crate) fn show_failure_in_series(&self, task: &Task, ended: &Ended, number: u64) {
        match number {
            1 => self.show_end(task, ended),
            2..=FAILURES_NAMED => self.print(&format!(
                "  also {:<28} {}",
                ended.verdict.class.describe(),
                rerun_line(task)
            )),
            _ => {}
        }
    }

    /// The line for all runs of a test.
    pub(crate) fn show_series(&self, case: &Case, series: &Series) {
        let name = show_name(case);
        let outcome = match series.finding() {
            Finding::Ok => self.paint("ok    ", AnsiColor::Green.on_default()),
            Finding::Flaky => self.paint("flaky ", AnsiColor::Yellow.on_default().bold()),
            Finding::Broken => self.paint("FAILED", AnsiColor::Red.on_default().bold()),
        };
        self.print(&format!("{name} {outcome} {}", series.row()));
    }
}

/// A test's name with dots up to the column where the verdict stands. A long one has a line of its own.
fn show_name(case: &Case) -> String {
    let name = format!("{} {} ", case.stage, case.name);
    if name.len() <= NAME_WIDTH {
        return format!("{name:.<NAME_WIDTH$}");
    }
    format!("{}\n   {:.<width$}", name.trim_end(), "", width = NAME_WIDTH - 3)
}

/// How long a run took on its test's own clock.
pub(crate) fn seconds_of(ended: &Ended) -> f64 {
    let simulated = ended.verdict.simulated.as_ref();
    simulated.map(|run| run.virtual_seconds).unwrap_or(ended.wall.as_secs_f64())
}

/// The command that runs a test once more with the same seed.
pub(crate) fn rerun_line(task: &Task) -> String {
    let clock = if task.clock == Clock::Sim { "--sim " } else { "" };
    format!("cargo lab run --exact {} {clock}--seed {}", task.case.id(), task.seed)
}

fn show_summary(summary: &Summary) -> String {
    let Summary { seconds, peers, rpcs, bytes, work } = summary;
    let peers = format!("{peers} peers");
    let rpcs = format!("{rpcs} rpcs");
    let work = match work {
        Work::Commits(count) => format!("{count} commits"),
        Work::Operations(count) => format!("{count} ops"),
    };
    format!("{seconds:5.1}s {peers:>7} {rpcs:>10} {:>8} {work:>12}", show_bytes(*bytes))
}

fn show_bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn push_labelled(text: &mut String, label: &str, value: &str) {
    let first = format!("  {label:<9}");
    let options =
        textwrap::Options::new(WIDTH).initial_indent(&first).subsequent_indent("           ");
    let options = options.break_words(false);
    for line in textwrap::wrap(value, options) {
        let _ = writeln!(text, "{line}");
    }
}

fn push_indented(text: &mut String, block: &str) {
    if block.is_empty() {
        return;
    }
    if !text.ends_with("\n\n") {
        text.push('\n');
    }
    for line in block.trim_end().lines() {
        let _ = writeln!(text, "{}", format!("  {line}").trim_end());
    }
    text.push('\n');
}

fn tail(output: &str) -> String {
    let lines: Vec<&str> = output.lines().collect();
    let start = lines.len().saturating_sub(OUTPUT_LINES);
    let shorten = |line: &&str| line.chars().take(WIDTH - 2).collect::<String>();
    lines[start..].iter().map(shorten).collect::<Vec<_>>().join("\n")
}

/// The last lines: how many have passed, by stage and in all.
pub(crate) fn show_totals(results: &[(Case, Class)], wall: Duration) -> String {
    let mut text = String::new();
    let mut stages: Vec<&str> = results.iter().map(|(case, _)| case.stage).collect();
    stages.sort_unstable();
    stages.dedup();
    for stage in stages {
        let of_stage = results.iter().filter(|(case, _)| case.stage == stage);
        let passed = of_stage.clone().filter(|(_, class)| *class == Class::Pass).count();
        let _ = write!(text, "{stage}: {passed} of {} passed   ", of_stage.count());
    }
    let passed = results.iter().filter(|(_, class)| *class == Class::Pass).count();
    let failed = results.len() - passed;
    format!("\n{text}in {:.1} s\n{passed} passed, {failed} failed", wall.as_secs_f64())
}
