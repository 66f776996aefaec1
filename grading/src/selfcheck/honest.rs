//! Solutions that must get their points, and the skeleton, which must get none.

use std::collections::BTreeMap;
use std::path::Path;

use records::Seed;
use walkdir::WalkDir;

use super::findings::Findings;
use super::grading::{Extent, Folder, grade_folder, hand_in_raft};
use super::solution::Solution;
use crate::files::write_file;
use crate::handout::Handout;
use crate::results::StudentResult;
use crate::stages::{self, Cut};
use crate::tree;

/// Grades them. Of the other styles, only one in `one_in`.
pub(super) fn check(
    extent: Extent,
    one_in: usize,
    folder: &Path,
    findings: &mut Findings,
) -> Result<(), String> {
    let root = tree::root();
    let reference = Solution::read(&root)?;
    let handout = Handout::cut(&root, &Cut::all())?;
    let submissions = folder.join("submissions");
    hand_in_raft(&reference, &handout, &submissions)?;
    reference.of("raft").thread_heavy()?.put(&submissions.join("thread-heavy"))?;
    reference.of("raft").slow()?.put(&submissions.join("slow"))?;
    reference.of("raft").global_state()?.put(&submissions.join("global-state"))?;
    let styles = hand_in_styles(&root, one_in, &submissions)?;

    let required = stages::required();
    let (lab_2, others): (Vec<&str>, Vec<&str>) =
        required.iter().map(String::as_str).partition(|stage| tree::LABS[0].has(stage));
    let results = grade_folder(extent, Folder::new(&submissions, &folder.join("results"), &lab_2))?;
    let variants = ["reference", "thread-heavy", "slow", "global-state"];
    for name in variants.into_iter().chain(styles.iter().map(String::as_str)) {
        note_full_marks(&results, name, "Lab 2", findings)?;
    }
    note_no_points(&results, "Lab 2", findings);
    let optional = Cut::optional().stages;
    let optional = Vec::from_iter(optional.iter().map(String::as_str));
    for (labs, stages) in [("Labs 3 and 4", others), ("optional stages", optional)] {
        let folder = folder.join(labs);
        let (submissions, results) = (folder.join("submissions"), folder.join("results"));
        let services = Folder::new(&submissions, &results, &stages);
        check_whole(extent, &reference, &handout, (labs, services), findings)?;
    }
    Ok(())
}

/// Hands in one in `one_in` of the solutions of other styles in `grading/honest`. Returns their names.
fn hand_in_styles(root: &Path, one_in: usize, submissions: &Path) -> Result<Vec<String>, String> {
    let folder = root.join("grading/honest");
    let unreadable = |error: walkdir::Error| format!("cannot read the styles: {error}");
    let mut names = Vec::new();
    let styles = WalkDir::new(&folder).min_depth(1).max_depth(1).sort_by_file_name();
    for style in styles.into_iter().step_by(one_in) {
        let style = style.map_err(unreadable)?;
        for entry in WalkDir::new(style.path()) {
            let entry = entry.map_err(unreadable)?;
            let path = entry.path().strip_prefix(&folder).map_err(|error| error.to_string())?;
            if entry.file_type().is_file() {
                let text = std::fs::read(entry.path())
                    .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
                write_file(&submissions.join(path), &text)?;
            }
        }
        names.push(style.file_name().to_string_lossy().into_owned());
    }
    Ok(names)
}

/// The same for what builds on Raft, which comes as folders, without other styles.
fn check_whole(
    extent: Extent,
    reference: &Solution,
    handout: &Handout,
    (labs, folder): (&str, Folder<'_>),
    findings: &mut Findings,
) -> Result<(), String> {
    let submissions = folder.submissions;
    reference.put(&submissions.join("reference"))?;
    for file in tree::student_files() {
        let skeleton = handout.files.get(Path::new(file));
        let skeleton = skeleton.ok_or_else(|| format!("the handout has no {file}"))?;
        write_file(&submissions.join("skeleton").join(file), skeleton)?;
    }
    let results = grade_folder(extent, folder)?;
    note_full_marks(&results, "reference", labs, findings)?;
    note_no_points(&results, labs, findings);
    Ok(())
}

fn note_full_marks(
    results: &BTreeMap<String, StudentResult>,
    name: &str,
    lab: &str,
    findings: &mut Findings,
) -> Result<(), String> {
    let result = results.get(name).ok_or("a submission is lost")?;
    let mut seen = format!("{} of {}", result.points, result.possible);
    if !result.message.is_empty() {
        seen.push_str(&format!("; {}", result.message.line()));
    }
    for test in result.tests.iter().filter(|test| test.runs > test.passed) {
        let seeds: Vec<String> = test.failing_seeds.iter().map(Seed::to_string).collect();
        seen.push_str(&format!("; {} fails with seed {}", test.test, seeds.join(", ")));
    }
    let full = (result.points - result.possible).abs() < 1e-9 && result.possible > 0.0;
    findings.note(&format!("{lab}: {name} gets full marks"), full, &seen);
    Ok(())
}

fn note_no_points(results: &BTreeMap<String, StudentResult>, lab: &str, findings: &mut Findings) {
    let points = results.get("skeleton").map_or(-1.0, |result| result.points);
    let claim = format!("{lab}: the skeleton gets no points");
    findings.note(&claim, points == 0.0, &format!("it gets {points}"));
}
