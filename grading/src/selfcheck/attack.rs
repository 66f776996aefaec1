//! One attack, and what must become of it.

use std::fs;
use std::ops::Add;
use std::path::Path;
use std::time::Duration;

use super::findings::Findings;
use super::grading::PER_RUN;
use super::solution::Solution;
use crate::results::StudentResult;
use crate::runlog::{Outcome, Run};
use crate::tree;

/// The Raft that does nothing, in which attacks begin that have no file of their own.
const SKELETON: &str = "skeleton";

/// What an attack says when it has reached what it must not reach.
const GAIN: &str = "gained-3b9e71";

/// How much more processor time an attack may use than it is granted, because it is stopped from outside.
const SLACK: Duration = Duration::from_secs(5);

/// An attack, and what must become of it. Lines of comment at the head of its file say how it is tried.
pub(super) struct Attack {
    pub(super) name: String,
    source: String,
    /// `Graded:` what is allowed: `build_error`, classes of runs, or `any` for all of these that are not the
    /// harness's fault.
    graded: String,
    /// `Stages:` those that it is graded in; 2A if it does not say.
    pub(super) stages: Vec<String>,
    /// `Unsafe: allowed`: whether its crate may contain unsafe code, and reach what only the harness should.
    pub(super) is_native: bool,
    /// `File:` the path of the file that it is, with the reference solution around it; otherwise it follows
    /// the skeleton.
    file: Option<String>,
}

impl Attack {
    /// Every attack of `grading/attacks`, sorted by name, with the targets filled in.
    pub(super) fn read_all(targets: &[(&str, String)]) -> Result<Vec<Attack>, String> {
        let folder = tree::root().join("grading/attacks");
        let fail = |error| format!("cannot read {}: {error}", folder.display());
        let skeleton = fs::read_to_string(folder.join(SKELETON).with_extension("rs"));
        let fill = |text: String| {
            let names = targets.iter().map(|(name, target)| (*name, target.as_str()));
            names.chain([("@GAIN@", GAIN)]).fold(text, |text, (name, to)| text.replace(name, to))
        };
        let skeleton = fill(skeleton.map_err(fail)?);
        let mut attacks = Vec::new();
        for entry in fs::read_dir(&folder).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if name != SKELETON {
                let text = fill(fs::read_to_string(&path).map_err(fail)?);
                attacks.push(Attack::parse(name, &skeleton, &text)?);
            }
        }
        attacks.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(attacks)
    }

    fn parse(name: String, skeleton: &str, text: &str) -> Result<Attack, String> {
        let field = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key));
            line.map(|value| value.trim().to_owned())
        };
        let graded =
            field("// Graded:").ok_or_else(|| format!("attack {name} has no \"Graded\""))?;
        let stages = field("// Stages:").unwrap_or_else(|| "2A".to_owned());
        let file = field("// File:");
        let source = if file.is_some() { text.to_owned() } else { format!("{skeleton}\n{text}") };
        Ok(Attack {
            name,
            source,
            graded,
            stages: stages.split(',').map(|stage| stage.trim().to_owned()).collect(),
            is_native: field("// Unsafe:").is_some_and(|value| value == "allowed"),
            file,
        })
    }

    /// Hands it in.
    pub(super) fn put(&self, submissions: &Path, reference: &Solution) -> Result<(), String> {
        let solution = match &self.file {
            Some(file) => reference.clone().with(file, &self.source),
            None => Solution::default().with(tree::LABS[0].files[0], &self.source),
        };
        solution.put(&submissions.join(&self.name))
    }

    /// Notes whether the attack had the expected result, got no more points than a submission that does
    /// nothing, and was stopped in time.
    pub(super) fn check(
        &self,
        student: &StudentResult,
        runs: &[Run],
        silence: f64,
        findings: &mut Findings,
    ) {
        let classes = class_names(runs);
        let used = runs.iter().filter_map(|run| run.record.cpu_seconds).fold(0.0, f64::add);
        let seen = format!(
            "{} points, {}, {}, {used:.1} s of processor time\n      {}",
            student.points,
            student.outcome.describe(),
            classes.join(", "),
            self.evidence(student, runs)
        );
        let passes = classes.iter().any(|class| class == "pass") && silence == 0.0;
        let planned: u64 = student.tests.iter().map(|test| test.planned).sum();
        let granted = PER_RUN * u32::try_from(planned).unwrap_or(u32::MAX) + SLACK;
        let holds = self.is_expected(student.outcome, &classes)
            && !passes
            && student.points <= silence
            && !student.incomplete
            && used <= granted.as_secs_f64()
            && !runs.iter().any(has_gained);
        let claim = format!("{}: {} ({}; {used:.1} s)", self.name, self.graded, classes.join(", "));
        findings.note(&claim, holds, &seen);
    }

    fn is_expected(&self, outcome: Outcome, classes: &[String]) -> bool {
        let allowed: Vec<&str> = self.graded.split(',').map(str::trim).collect();
        let is_allowed = |class: &String| {
            allowed.contains(&class.as_str()) || class != "fault" && allowed.contains(&"any")
        };
        match outcome {
            Outcome::BuildError => allowed.contains(&"build_error"),
            Outcome::Built => !classes.is_empty() && classes.iter().all(is_allowed),
            _ => false,
        }
    }

    /// What explains an unexpected result best.
    fn evidence(&self, student: &StudentResult, runs: &[Run]) -> String {
        let run = runs.iter().find(|run| has_gained(run)).or(runs.first());
        let text = match run {
            Some(run) => format!("{}: {}", run.record.seen, run.record.printed),
            None => student.message.line(),
        };
        text.chars().take(1_000).collect()
    }
}

/// Whether the attack has reached what it must not reach.
fn has_gained(run: &Run) -> bool {
    let record = &run.record;
    [&record.seen, &record.details, &record.printed].iter().any(|text| text.contains(GAIN))
}

/// The names of the classes of all runs, each one once.
fn class_names(runs: &[Run]) -> Vec<String> {
    let name = |run: &Run| Some(serde_json::to_value(run.record.class).ok()?.as_str()?.to_owned());
    let mut names: Vec<String> = runs.iter().filter_map(name).collect();
    names.sort();
    names.dedup();
    names
}
