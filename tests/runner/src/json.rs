//! A line of JSON for each run.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use records::{Class, Record};

use crate::task::Task;
use crate::verdict::Ended;

/// A file that gets a line when a run ends.
pub(crate) struct Log {
    file: File,
}

impl Log {
    /// Opens a file to append to.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let opened = File::options().append(true).create(true).open(path);
        let file =
            opened.map_err(|error| format!("cannot write to {}: {error}", path.display()))?;
        Ok(Log { file })
    }

    pub(crate) fn add(&mut self, task: &Task, ended: &Ended) -> std::io::Result<()> {
        self.file.write_all(line(&record(task, ended, Printed::OfFailures))?.as_bytes())
    }
}

/// A value as one line of JSON.
pub(crate) fn line(value: &impl serde::Serialize) -> std::io::Result<String> {
    let mut text = serde_json::to_string(value)?;
    text.push('\n');
    Ok(text)
}

/// The runs whose records hold what their servers have printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Printed {
    OfFailures,
    Always,
}

/// The record of a run.
pub(crate) fn record(task: &Task, ended: &Ended, printed: Printed) -> Record {
    let verdict = &ended.verdict;
    let passed = verdict.class == Class::Pass;
    Record {
        test: task.case.id(),
        stage: task.case.stage.to_owned(),
        seed: task.seed,
        clock: task.clock,
        class: verdict.class,
        wall_seconds: ended.wall_time.as_secs_f64(),
        cpu_seconds: Some(ended.cpu.as_secs_f64()),
        peak_memory: Some(ended.peak_memory),
        summary: verdict.summary,
        unplayed: verdict.unplayed.clone(),
        simulated: verdict.simulated.clone(),
        expected: verdict.expected.clone(),
        seen: verdict.seen.clone(),
        details: verdict.details(),
        printed: if passed && printed == Printed::OfFailures {
            String::new()
        } else {
            ended.output.clone()
        },
        page: None,
    }
}
