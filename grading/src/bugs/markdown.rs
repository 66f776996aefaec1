//! The results as a page of Markdown.

use std::fmt::Write;

use super::bug::Excuse;
use super::table::show;
use super::tally::{Finding, Tally};
use super::worth::{Worth, worth};
use crate::foreign::Foreign;

const INTRODUCTION: &str = "\
# How good the tests are

`cargo grade bugs --markdown FILE` writes this page. Each bug is a patch in `grading/bugs`: the solution with
one mistake that people really make. *Reached* counts the seeds with which a run came to the wrong code,
*noticed* those with which a test of the stage failed, and *first* is how many seeds it takes until one does.
";

/// The page: a table of bugs for each stage, and one of tests.
pub(crate) fn page(tallies: &[Tally]) -> String {
    let mut page = INTRODUCTION.to_owned();
    let findings: Vec<Finding<'_>> = tallies.iter().map(Tally::finding).collect();
    for stage in stages(&findings) {
        let _ = write!(
            page,
            "\n## {stage}\n\n| bug | reached | noticed | first | commonest failure |\n|---|---|---|---|---|\n"
        );
        for finding in findings.iter().filter(|finding| finding.bug.stage == stage) {
            page.push_str(&bug(finding));
        }
    }
    page.push_str(
        "\n## Tests\n\nThe bugs that a test notices with half of the seeds or more, those that no other test \
         notices so, and the\nprocessor time of a run.\n\n| test | notices | alone | CPU |\n|---|---|---|---|\n",
    );
    worth(tallies).iter().for_each(|worth| page.push_str(&test(worth)));
    page
}

fn stages<'a>(findings: &[Finding<'a>]) -> Vec<&'a str> {
    let mut stages: Vec<&str> = findings.iter().map(|finding| finding.bug.stage.as_str()).collect();
    stages.dedup();
    stages
}

fn bug(finding: &Finding<'_>) -> String {
    let Finding { seeds, reached, noticed, .. } = finding;
    let first = finding.seeds_to_first.map_or_else(String::new, |seeds| seeds.to_string());
    let mut failure = finding.headline.as_ref().map_or_else(String::new, show);
    match &finding.bug.excuse {
        Some(Excuse::Seldom(reason)) => failure = format!("{failure} (seldom: {reason})"),
        Some(Excuse::Harmless(reason)) => failure = format!("{failure} (harmless: {reason})"),
        None => {}
    }
    let failure = cell(&failure);
    let name = &finding.bug.name;
    format!("| {name} | {reached}/{seeds} | {noticed}/{seeds} | {first} | {failure} |\n")
}

fn test(worth: &Worth) -> String {
    let Worth { test, notices, alone, cpu_seconds } = worth;
    let alone = match alone.as_slice() {
        [] => "0".to_owned(),
        names => format!("{}: {}", names.len(), names.join(", ")),
    };
    format!("| {test} | {notices} | {alone} | {cpu_seconds:.2} s |\n")
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for letter in Foreign::new(text.trim()).line().chars() {
        if matches!(letter, '|' | '<' | '>' | '*' | '_' | '`' | '[' | ']' | '\\') {
            cell.push('\\');
        }
        cell.push(letter);
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::super::tally::tests::tally;
    use super::{cell, page};

    #[test]
    fn the_page_has_all_bugs_and_tests() {
        let page =
            page(&[tally("found", "", &["F", "."]), tally("rare", "Seldom: luck\n", &["."])]);
        let failure =
            "2A::test\\_0: not as expected: expected one leader in each term / what F sees";
        for line in [
            "## 2A",
            &format!("| found | 1/2 | 1/2 | 1 | {failure} |"),
            "| rare | 0/1 | 0/1 |  | (seldom: luck) |",
            "| 2A::test_0 | 1 | 1: found | 0.25 s |",
        ] {
            assert!(page.lines().any(|found| found == line), "no \"{line}\" in\n{page}");
        }
    }

    #[test]
    fn a_cell_is_text_and_nothing_else() {
        assert_eq!(cell(" a|b\n<c> "), "a\\|b\\\\n\\<c\\>");
    }
}
