//! Submissions that attack the grader.

use std::collections::BTreeMap;
use std::path::Path;

use super::attack::Attack;
use super::bystander::Bystander;
use super::findings::Findings;
use super::grading::{Extent, Folder, PER_SUSPECT_BUILD, all_text, grade_folder, runs};
use super::native;
use super::solution::Solution;
use super::targets::{SECRET, Targets};
use crate::build::BuildOptions;
use crate::problems::Problems;
use crate::tree;

/// How many attacks there are at least: one that is not found is not tried.
const COUNT: usize = 60;

/// The attack that does nothing. No other one may get more points.
const SILENCE: &str = "silence";

/// The attacks to try.
#[derive(Clone, Copy)]
pub(super) struct Chosen<'a> {
    /// Their names; all if it is empty.
    pub(super) named: &'a [String],
    /// Of those, the first of so many, in the order of their names.
    pub(super) one_in: usize,
}

/// Checks that no attack gets points or does harm.
pub(super) fn check(
    extent: Extent,
    folder: &Path,
    chosen: Chosen<'_>,
    findings: &mut Findings,
) -> Result<(), String> {
    let targets = Targets::new(folder)?;
    let bystander = Bystander::new()?;
    let attacks = Attack::read_all(&targets.names()?)?;
    let count = attacks.len();
    let mut problems = Problems::default();
    for name in chosen.named {
        if !attacks.iter().any(|attack| attack.name == *name) {
            problems.add(format!("there is no attack {name} in grading/attacks"));
        }
    }
    problems.check()?;
    findings.note(&format!("there are {count} attacks"), count >= COUNT, "too few");
    let mut groups: BTreeMap<(bool, Vec<String>), Vec<&Attack>> = BTreeMap::new();
    let is_named = |it: &&Attack| chosen.named.is_empty() || chosen.named.contains(&it.name);
    for attack in attacks.iter().filter(is_named).step_by(chosen.one_in) {
        groups.entry((attack.is_native, attack.stages.clone())).or_default().push(attack);
    }
    let silence =
        attacks.iter().find(|attack| attack.name == SILENCE).ok_or("silence is missing")?;
    for ((is_native, stages), mut group) in groups {
        let name = format!("{}{}", if is_native { "native-" } else { "" }, stages.join("-"));
        if !group.iter().any(|attack| attack.name == SILENCE) {
            group.push(silence);
        }
        let stages: Vec<&str> = stages.iter().map(String::as_str).collect();
        let group = Group { attacks: group, stages, is_native };
        group.check(extent, &folder.join(name), findings)?;
    }
    targets.check_untouched(findings);
    bystander.check(findings);
    Ok(())
}

/// Attacks that are graded together.
struct Group<'a> {
    attacks: Vec<&'a Attack>,
    stages: Vec<&'a str>,
    is_native: bool,
}

impl Group<'_> {
    fn check(&self, extent: Extent, folder: &Path, findings: &mut Findings) -> Result<(), String> {
        let (submissions, results) = (folder.join("submissions"), folder.join("results"));
        let reference = Solution::read(&tree::root())?;
        for attack in &self.attacks {
            attack.put(&submissions, &reference)?;
        }
        let workspace = if self.is_native { native::workspace()? } else { BTreeMap::new() };
        let build = BuildOptions { processor_time: PER_SUSPECT_BUILD, workspace };
        let folder = Folder { build, ..Folder::new(&submissions, &results, &self.stages) };
        let students = grade_folder(extent, folder)?;
        let runs = runs(&results)?;
        let silence = students.get(SILENCE).map_or(0.0, |student| student.points);
        for attack in &self.attacks {
            let own = runs.get(&attack.name).map_or(&[][..], Vec::as_slice);
            match students.get(&attack.name) {
                Some(student) => attack.check(student, own, silence, findings),
                None => findings.note(&attack.name, false, "it is missing"),
            }
        }
        let leaked = all_text(&results).contains(SECRET);
        let stages = self.stages.join(", ");
        findings.note(&format!("{stages}: no report contains the secret"), !leaked, "one does");
        Ok(())
    }
}
