//! Solutions that must get their points, and the skeleton, which must get none.

use std::collections::BTreeMap;
use std::iter;
use std::path::Path;

use records::Seed;
use walkdir::{DirEntry, WalkDir};

use super::findings::Findings;
use super::grading::{Extent, Folder, grade_folder, hand_in_raft};
use super::solution::Solution;
use crate::files::write_file;
use crate::handout::Handout;
use crate::results::StudentResult;
use crate::stages::{self, Cut};
use crate::tree;

/// Grades them. Of the solutions of other styles, only one in `one_in`.
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
    let (rafts, services): (BTreeMap<_, _>, BTreeMap<_, _>) =
        styles(&root, one_in)?.into_iter().partition(|(_, style)| style.has("raft.rs"));
    rafts.iter().try_for_each(|(name, style)| style.put(&submissions.join(name)))?;

    let required = stages::required();
    let (lab_2, others): (Vec<&str>, Vec<&str>) =
        required.iter().map(String::as_str).partition(|stage| tree::LABS[0].has(stage));
    let results = grade_folder(extent, Folder::new(&submissions, &folder.join("results"), &lab_2))?;
    let variants = ["reference", "thread-heavy", "slow", "global-state"];
    for name in variants.into_iter().chain(rafts.keys().map(String::as_str)) {
        note_full_marks(&results, name, "Lab 2", findings)?;
    }
    note_no_points(&results, "Lab 2", findings);
    let optional = Cut::optional().stages;
    let optional = Vec::from_iter(optional.iter().map(String::as_str));
    for (labs, stages, styles) in
        [("Labs 3 and 4", others, services), ("optional stages", optional, BTreeMap::new())]
    {
        let folder = folder.join(labs);
        let (submissions, results) = (folder.join("submissions"), folder.join("results"));
        for (name, style) in &styles {
            reference.clone().with_packages_of(style).put(&submissions.join(name))?;
        }
        let folder = Folder::new(&submissions, &results, &stages);
        let names = styles.keys().map(String::as_str);
        check_whole(extent, &reference, &handout, (labs, folder, names), findings)?;
    }
    Ok(())
}

/// One in `one_in` of the Rafts and services of other styles, by name.
fn styles(root: &Path, one_in: usize) -> Result<BTreeMap<String, Solution>, String> {
    let in_folder = |folder: &str| {
        WalkDir::new(root.join(folder)).min_depth(1).max_depth(1).sort_by_file_name()
    };
    let read = |style: walkdir::Result<DirEntry>| {
        let style = style.map_err(|error| format!("cannot read the styles: {error}"))?;
        let name = style.file_name().to_string_lossy().into_owned();
        Ok((name, Solution::in_folder(style.path())?))
    };
    let all = ["grading/honest", "grading/honest_services"].into_iter().flat_map(in_folder);
    all.step_by(one_in).map(read).collect()
}

/// The same for what builds on Raft, which comes as folders. The styles with these names have been handed in.
fn check_whole<'a>(
    extent: Extent,
    reference: &Solution,
    handout: &Handout,
    (labs, folder, styles): (&str, Folder<'_>, impl Iterator<Item = &'a str>),
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
    for name in iter::once("reference").chain(styles) {
        note_full_marks(&results, name, labs, findings)?;
    }
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
