//! A failed run and the smallest one that fails in the same way.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use recording::Recording;

use super::cause;
use super::contrast::contrast;
use super::goal::Goal;
use super::likelihood::likelihood;
use super::parts::parts;
use super::search::search;
use super::size::Size;
use super::trials::{Cost, Trials, cost};
use crate::pages;
use crate::programs::Programs;
use crate::task::Task;
use crate::verdict::{Ended, Smaller};

/// What has come of the search.
pub(crate) struct Shrunk {
    /// The smallest run.
    pub(crate) task: Task,
    pub(crate) ended: Ended,
    pub(crate) recording: Recording,
    /// What the failure depends on, in sentences.
    pub(crate) cause: Vec<String>,
    pub(super) before: Size,
    pub(super) after: Size,
    /// How many runs were made.
    pub(super) runs: u64,
    pub(super) time: Duration,
}

/// Looks for the smallest run that fails as this one did, and what the failure depends on, until `deadline`. The
/// processors are those to use.
pub(crate) fn shrink(
    task: &Task,
    (ended, recording): (&Ended, &Recording),
    programs: &Programs,
    processors: Vec<usize>,
    deadline: Instant,
) -> Shrunk {
    let begun = Instant::now();
    let mut trials = Trials {
        task: task.clone(),
        programs,
        goal: Goal::of(&ended.verdict),
        processors,
        // The rest of the time is for what the failure depends on.
        deadline: begun + deadline.saturating_duration_since(begun) * 2 / 3,
        largest: cost(ended) * 5 / 4,
        runs: AtomicU64::new(0),
    };
    let before = Size::of(recording);
    let found = search(&trials, task.seed, parts(recording), before.milliseconds, cost(ended));
    let smaller = Task { seed: found.seed, plan: found.plan, ..task.clone() };
    let made = pages::record(&smaller, programs, false);
    let (task, (ended, mut recording)) = match trials.goal.is_met(&made.0.verdict) {
        true => (smaller, made),
        // It depends on something else than its choices.
        false => (task.clone(), pages::record(task, programs, false)),
    };
    let after = Size::of(&recording);
    trials.deadline = deadline;
    trials.largest = Cost::MAX;
    let contrast = contrast(&trials, &task, &recording);
    let measured = likelihood(&trials, &task.choices(), after.milliseconds);
    let cause = cause::add(&mut recording, measured.as_ref(), contrast);
    let runs = trials.runs.load(Ordering::Relaxed);
    Shrunk { task, ended, recording, cause, before, after, runs, time: begun.elapsed() }
}

fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

impl Shrunk {
    /// The run as a report shows it.
    pub(crate) fn into_smaller(self) -> Smaller {
        let Size { milliseconds, new_messages, faults, .. } = self.after;
        let (seconds, found) = (milliseconds as f64 / 1e3, self.time.as_secs_f64());
        Smaller {
            verdict: self.ended.verdict,
            command: self.task.command(),
            size: format!(
                "{seconds:.1} s, {}, {} (found in {found:.1} s)",
                counted(new_messages, "message with news", "messages with news"),
                counted(faults, "fault", "faults")
            ),
            cause: self.cause,
        }
    }

    /// Says how large both runs are.
    pub(super) fn table(&self) -> String {
        let Shrunk { before, after, runs, time, .. } = self;
        let seconds = |size: &Size| format!("{:.3}", size.milliseconds as f64 / 1e3);
        let rows = [
            ("seconds", seconds(before), seconds(after)),
            ("events", before.events.to_string(), after.events.to_string()),
            ("messages", before.messages.to_string(), after.messages.to_string()),
            ("  with news", before.new_messages.to_string(), after.new_messages.to_string()),
            ("faults", before.faults.to_string(), after.faults.to_string()),
        ];
        let mut text = format!("{:12}{:>10}{:>10}\n", "", "before", "after");
        for (name, before, after) in rows {
            let _ = writeln!(text, "{name:12}{before:>10}{after:>10}");
        }
        let _ = writeln!(text, "{:12}{:>10}  {}", "by chance", "all", self.task.plan);
        let _ = writeln!(text, "found with {runs} runs in {:.1} s", time.as_secs_f64());
        text
    }
}
