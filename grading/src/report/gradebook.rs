//! A table for the course system.

use super::{show_finding, show_outcome, show_points};
use crate::standing::Results;

/// A line of comma-separated values for each student, with a head.
pub(super) fn render(results: &Results) -> Result<String, String> {
    let fail = |error: csv::Error| format!("the gradebook cannot be written: {error}");
    let mut table = csv::Writer::from_writer(Vec::new());
    let stages = &results.grading.stages;
    let mut head = vec!["student".to_owned(), "points".to_owned(), "possible".to_owned()];
    head.extend(stages.iter().map(|stage| format!("points {stage}")));
    head.extend(["outcome", "worst test", "its runs", "isolation"].map(str::to_owned));
    head.extend(["submission", "rubric", "tests"].map(str::to_owned));
    table.write_record(&head).map_err(fail)?;
    for standing in &results.students {
        let worst = standing.worst();
        let mut row = vec![
            plain(&standing.student),
            show_points(standing.points),
            show_points(standing.possible),
        ];
        row.extend(stages.iter().map(|stage| show_points(standing.stage_points(stage))));
        row.push(show_outcome(standing));
        row.push(worst.map_or_else(String::new, |test| test.test.clone()));
        row.push(worst.map_or_else(String::new, |test| {
            format!("{}: {} of {} passed", show_finding(test), test.passed, test.runs)
        }));
        row.push(standing.isolation.clone());
        row.push(standing.submission.chars().take(16).collect());
        row.push(results.grading.rubric.clone());
        row.push(results.grading.harness.chars().take(16).collect());
        table.write_record(&row).map_err(fail)?;
    }
    let bytes = table.into_inner().map_err(|error| format!("the gradebook is lost: {error}"))?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// A name that no spreadsheet takes for a formula.
fn plain(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@']) { format!("'{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_name_is_no_formula() {
        assert_eq!(plain("=cmd()"), "'=cmd()");
        assert_eq!(plain("alice"), "alice");
    }
}
