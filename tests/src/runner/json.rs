//! A line of JSON for each run.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use super::plan::show_seed;
use super::process::Ended;
use crate::case::{Case, Summary};

/// A file that gets a line for each run as it ends.
pub(super) struct Log {
    file: File,
}

#[derive(Serialize)]
struct Line<'a> {
    test: String,
    stage: &'a str,
    seed: String,
    class: super::Class,
    wall_seconds: f64,
    #[serde(flatten)]
    summary: Option<Summary>,
    #[serde(skip_serializing_if = "str::is_empty")]
    expected: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    seen: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    details: &'a str,
}

impl Log {
    /// Opens a file to append to.
    pub(super) fn open(path: &Path) -> Result<Self, String> {
        let opened = File::options().append(true).create(true).open(path);
        let file =
            opened.map_err(|error| format!("cannot write to {}: {error}", path.display()))?;
        Ok(Log { file })
    }

    pub(super) fn add(&mut self, case: &Case, seed: u64, ended: &Ended) -> std::io::Result<()> {
        let line = Line {
            test: case.id(),
            stage: case.stage,
            seed: show_seed(seed),
            class: ended.verdict.class,
            wall_seconds: ended.wall.as_secs_f64(),
            summary: ended.verdict.summary,
            expected: &ended.verdict.expected,
            seen: &ended.verdict.seen,
            details: &ended.verdict.details,
        };
        let mut text = serde_json::to_string(&line)?;
        text.push('\n');
        self.file.write_all(text.as_bytes())
    }
}
