//! A line of JSON for each run.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::plan::{Clock, Task, show_seed};
use super::process::Ended;
use crate::case::Summary;

/// A file that gets a line for each run as it ends.
pub(super) struct Log {
    file: File,
}

#[derive(Serialize)]
struct Line<'a> {
    test: String,
    stage: &'a str,
    seed: String,
    clock: Clock,
    class: super::Class,
    wall_seconds: f64,
    #[serde(flatten)]
    summary: Option<Summary>,
    #[serde(flatten)]
    simulated: Option<Simulated>,
    #[serde(skip_serializing_if = "str::is_empty")]
    expected: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    seen: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    details: &'a str,
}

/// What identifies a simulated run.
#[derive(Serialize)]
struct Simulated {
    events: u64,
    hash: String,
    virtual_seconds: f64,
}

impl Log {
    /// Opens a file to append to.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let opened = File::options().append(true).create(true).open(path);
        let file =
            opened.map_err(|error| format!("cannot write to {}: {error}", path.display()))?;
        Ok(Log { file })
    }

    pub(super) fn add(&mut self, task: &Task, ended: &Ended) -> std::io::Result<()> {
        let simulated = ended.verdict.digest.map(|digest| Simulated {
            events: digest.events,
            hash: format!("{:016x}", digest.hash),
            virtual_seconds: digest.nanoseconds as f64 / 1e9,
        });
        let line = Line {
            test: task.case.id(),
            stage: task.case.stage,
            seed: show_seed(task.seed),
            clock: task.clock,
            class: ended.verdict.class,
            wall_seconds: ended.wall.as_secs_f64(),
            summary: ended.verdict.summary,
            simulated,
            expected: &ended.verdict.expected,
            seen: &ended.verdict.seen,
            details: &ended.verdict.details,
        };
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        self.file.write_all(text.as_bytes())
    }
}
