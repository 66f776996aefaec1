//! One attack, and what must become of it.

use std::fs;
use std::path::Path;

use super::findings::Findings;
use super::grading::classes;
use crate::results::StudentResult;
use crate::runlog::Outcome;
use crate::tree;

/// The Raft that does nothing, in which every attack starts.
const SKELETON: &str = "skeleton";

/// An attack, and what must become of it.
pub(super) struct Attack {
    pub(super) name: String,
    pub(super) source: String,
    /// The expected result.
    graded: String,
}

impl Attack {
    /// Every attack of `grading/attacks`, sorted by name, with the targets filled in.
    pub(super) fn read_all(targets: &[(&str, String)]) -> Result<Vec<Attack>, String> {
        let folder = tree::root().join("grading/attacks");
        let fail = |error| format!("cannot read {}: {error}", folder.display());
        let skeleton = fs::read_to_string(folder.join(SKELETON).with_extension("rs"));
        let skeleton = skeleton.map_err(fail)?;
        let mut attacks = Vec::new();
        for entry in fs::read_dir(&folder).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if name != SKELETON {
                let text = fs::read_to_string(&path).map_err(fail)?;
                attacks.push(Attack::parse(name, &skeleton, text, targets)?);
            }
        }
        attacks.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(attacks)
    }

    /// An attack from its file, which names the expected results in comments.
    fn parse(
        name: String,
        skeleton: &str,
        mut text: String,
        targets: &[(&str, String)],
    ) -> Result<Attack, String> {
        for (placeholder, target) in targets {
            text = text.replace(placeholder, target);
        }
        let field = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key));
            line.map(|value| value.trim().to_owned())
        };
        let graded =
            field("// Graded:").ok_or_else(|| format!("attack {name} has no \"Graded\""))?;
        Ok(Attack { name, source: format!("{skeleton}\n{text}"), graded })
    }

    /// Notes whether the attack had the expected result, and got no points.
    pub(super) fn check(
        &self,
        student: &StudentResult,
        results: &Path,
        findings: &mut Findings,
    ) -> Result<(), String> {
        let classes = class_names(results, &self.name)?;
        let message = student.message.raw().lines().next().unwrap_or_default();
        let seen = format!(
            "{} points, {}, {} {message}",
            student.points,
            student.outcome.describe(),
            classes.join(", ")
        );
        let passed = student.points != 0.0 || classes.contains(&"pass".to_owned());
        let holds = is_expected(&self.graded, student.outcome, &classes) && !passed;
        findings.note(&format!("{}: {}", self.name, self.graded), holds, &seen);
        Ok(())
    }
}

/// The names of the classes of all runs, each one once.
fn class_names(results: &Path, student: &str) -> Result<Vec<String>, String> {
    let name = |class| serde_json::to_value(class).ok()?.as_str().map(str::to_owned);
    let mut names: Vec<String> = classes(results, student)?.into_iter().filter_map(name).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

fn is_expected(expected: &str, outcome: Outcome, classes: &[String]) -> bool {
    match expected {
        "build_error" => outcome == Outcome::BuildError,
        "any" => !classes.is_empty(),
        names => {
            let names = names.strip_prefix("run:").unwrap_or(names);
            let names: Vec<&str> = names.split(',').map(str::trim).collect();
            !classes.is_empty() && classes.iter().all(|class| names.contains(&class.as_str()))
        }
    }
}
