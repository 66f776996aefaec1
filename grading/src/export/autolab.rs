//! What Autolab reads of a program that grades.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::class::{Class, Member};
use super::output::{Exported, check_free};
use crate::files::write_private_file;
use crate::points::rounded;
use crate::report::{Seeds, StudentView, markdown};

/// The problem with what is not earned by tests, such as a deduction for a late submission.
const ADJUSTMENT: &str = "adjustment";

/// An export to Autolab.
pub(crate) struct Autolab {
    /// Whether the feedback tells seeds, and what is to be seen only later.
    pub(crate) seeds: Seeds,
}

impl Autolab {
    /// Writes a folder with a file for each student: the feedback and, in the last line, the points of each stage.
    ///
    /// # Errors
    ///
    /// If something cannot be written, or if `out` is there and not empty.
    pub(crate) fn export(&self, class: &Class, out: &Path) -> Result<Exported, String> {
        check_free(out)?;
        let members = class.members();
        let stages = &class.results.grading.stages;
        let is_adjusted = members.graded.iter().any(|member| adjustment(member).abs() > 0.001);
        for member in &members.graded {
            let view = without_pictures(StudentView::of(member.result, self.seeds));
            let feedback = markdown(&view, &class.results.grading)?;
            let scores = scores(member, stages, is_adjusted);
            // The last line must have no line after it, not even an empty one.
            let text = format!("{}\n\n{}\n", feedback.trim_end(), json!({ "scores": scores }));
            write_private_file(&out.join(member.folder()).join("autolab.txt"), text)?;
        }
        let adjustment = is_adjusted.then(|| ADJUSTMENT.to_owned());
        let problems: Vec<String> = stages.iter().cloned().chain(adjustment).collect();
        let count = members.graded.len();
        let lines = vec![
            format!("{}: the output of the grader for {count} students", out.display()),
            format!("in Autolab, the problems of the assessment must be {}", problems.join(", ")),
        ];
        Ok(Exported { lines, left_out: members.left_out })
    }
}

/// Feedback has no links, because Autolab shows text alone.
fn without_pictures(mut view: StudentView) -> StudentView {
    let failures = view.result.tests.iter_mut().filter_map(|test| test.first.as_mut());
    failures.for_each(|first| first.picture = None);
    view
}

/// The points by problem.
fn scores(member: &Member<'_>, stages: &[String], is_adjusted: bool) -> Map<String, Value> {
    let points =
        |stage: &String| (stage.clone(), json!(rounded(member.result.stage_points(stage))));
    let mut scores: Map<String, Value> = stages.iter().map(points).collect();
    if is_adjusted {
        scores.insert(ADJUSTMENT.to_owned(), json!(adjustment(member)));
    }
    scores
}

/// The points that are not those of tests.
fn adjustment(member: &Member<'_>) -> f64 {
    rounded(member.result.points - member.result.before)
}
