//! The results of a grading, read from its `summary.json`.

use std::path::Path;

use serde::Deserialize;

use crate::files::read_text;
use crate::foreign::Foreign;
use crate::points::rounded;
use crate::runlog::{Grading, Outcome};

/// The largest summary, in bytes. That of a class of 500 has some 50 MB.
const LIMIT: u64 = 1 << 30;

/// The results of a grading, as the reports that were written last show them.
#[derive(Debug, Deserialize)]
pub(crate) struct Summary {
    pub(super) grading: Grading,
    #[serde(default)]
    pub(super) rubric: RubricName,
    pub(super) students: Vec<Student>,
}

/// The rubric that made the points.
#[derive(Debug, Default, Deserialize)]
pub(super) struct RubricName {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Student {
    student: String,
    /// Identifies the files that were graded.
    pub(super) submission: String,
    pub(super) outcome: Outcome,
    before: f64,
    pub(super) points: f64,
    pub(super) tests: Vec<Test>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Test {
    pub(super) test: String,
    pub(super) runs: u64,
    pub(super) passed: u64,
    pub(super) points: f64,
}

impl Summary {
    /// Reads the summary in a folder with results, or this file.
    ///
    /// # Errors
    ///
    /// If there is none, or if it is no summary of a grading.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let file = if path.is_dir() { path.join("summary.json") } else { path.to_owned() };
        let show = path.display();
        if !file.exists() {
            return Err(format!(
                "{show} contains no results: give a folder that `cargo grade run` has filled"
            ));
        }
        let text = read_text(&file, LIMIT)?;
        serde_json::from_str(&text).map_err(|error| {
            let file = file.display();
            format!(
                "{file} is no summary of a grading ({error}): name a folder with results, or a copy of its summary.json"
            )
        })
    }
}

impl Student {
    /// The student's name.
    pub(super) fn name(&self) -> Foreign {
        Foreign::new(self.student.as_str())
    }

    /// What identifies the student in both gradings.
    pub(super) fn key(&self) -> &str {
        &self.student
    }

    /// The points that adjustments add.
    pub(super) fn adjustment(&self) -> f64 {
        rounded(self.points - self.before)
    }
}
