//! The pictures of failed runs: of a wrong solution, and of attacks on whoever looks at them.

use std::path::Path;

use super::attack::Attack;
use super::findings::Findings;
use super::grading::{Extent, Folder, grade_folder};
use super::solution::Solution;
use crate::picture_files::file_name;
use crate::results::{FirstFailure, StudentResult};
use crate::runlog::Picture;
use crate::tree;

/// The wrong solution.
const WRONG: &str = "wrong";

/// The attacks whose pictures are looked at.
const ATTACKS: &[&str] = &["describes-itself-for-ever", "markup-in-its-messages", "log-flood"];

/// Nothing of this may be markup on a page.
const MARKUP: &[&str] = &["<script>alert", "<img"];

/// How large a page is at most, in bytes.
const LARGEST: usize = 4 << 20;

/// Checks that a student finds a picture of what has failed, and that no submission does harm with one.
pub(super) fn check(extent: Extent, folder: &Path, findings: &mut Findings) -> Result<(), String> {
    let (submissions, results) = (folder.join("submissions"), folder.join("results"));
    let reference = Solution::read(&tree::root())?.of("raft");
    reference.clone().several_votes()?.put(&submissions.join(WRONG))?;
    for attack in Attack::read_all(&[])? {
        if ATTACKS.contains(&attack.name.as_str()) {
            attack.put(&submissions, &reference)?;
        }
    }
    let students =
        grade_folder(Extent { runs: 1, ..extent }, Folder::new(&submissions, &results, &["2A"]))?;
    for (name, student) in &students {
        let own = results.join("students").join(name);
        let feedback = std::fs::read_to_string(own.join("feedback.html")).unwrap_or_default();
        let mut problems = Vec::new();
        let mut count = 0;
        for (test, first) in failures(student) {
            let file = file_name(test);
            match &first.picture {
                Some(Picture::Made) => {
                    count += 1;
                    let page = std::fs::read_to_string(own.join(&file)).unwrap_or_default();
                    problems.extend(problem_of(&page, first).map(|it| format!("{file} {it}")));
                    if !feedback.contains(&format!("href=\"{file}\"")) {
                        problems.push(format!("the feedback has no link to {file}"));
                    }
                }
                Some(Picture::Missing(_)) if name != WRONG => {}
                other => problems.push(format!("{test}: {other:?}")),
            }
        }
        if name == WRONG && count == 0 {
            problems.push("there are none".to_owned());
        }
        let claim = format!("{name}: {count} pictures show the failures and nothing else");
        findings.note(&claim, problems.is_empty(), &problems.join("\n      "));
    }
    findings.note("all have feedback", students.len() == ATTACKS.len() + 1, "some do not");
    Ok(())
}

/// The tests that have failed in a simulated run, with the first such run.
fn failures(student: &StudentResult) -> impl Iterator<Item = (&str, &FirstFailure)> {
    let failures = student.tests.iter().filter_map(|test| Some((&test.test, test.first.as_ref()?)));
    failures
        .filter(|(_, first)| first.virtual_seconds.is_some())
        .map(|(test, first)| (test.as_str(), first))
}

/// What is wrong with a page.
fn problem_of(page: &str, first: &FirstFailure) -> Option<String> {
    let rule = serde_json::to_string(&first.expected).unwrap_or_default().replace('<', "\\u003c");
    if !page.contains(&rule) {
        Some(format!("does not say {rule}"))
    } else if first.seed.is_some_and(|seed| page.contains(&seed.to_string())) {
        Some("tells the seed".to_owned())
    } else if page.len() > LARGEST {
        Some(format!("has {} bytes", page.len()))
    } else {
        let found = MARKUP.iter().find(|markup| page.contains(**markup));
        found.map(|markup| format!("contains {markup}"))
    }
}
