//! No part of a solution is anywhere in a handout.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use super::Handout;
use crate::stages::{self, Cut};
use crate::tree::{self, LABS};

/// The shortest line that tells a solution: shorter ones are anybody's.
const TELLING: usize = 24;

/// How many lines in a row give a solution away in any case.
const RUN: usize = 3;

/// Checks that no run of the solution's lines is left in the handout, and where all stages are cut no
/// single line that tells something. What stays solved on request may resemble what is cut.
///
/// # Errors
///
/// The file, and the line that gives a solution away.
pub(super) fn check_secrecy(root: &Path, handout: &Handout, cut: &Cut) -> Result<(), String> {
    // What the given code has in common with a solution is no secret.
    let mut given = HashSet::new();
    for (path, content) in Handout::cut(root, &Cut::all())?.files {
        if !tree::is_students(&path) {
            given.extend(lines(&content));
        }
    }
    let is_whole = cut.stages == Cut::all().stages;
    for (package, solution) in &handout.solutions {
        let runs: HashSet<String> = solution.windows(RUN).filter_map(telling_run).collect();
        let is_secret = |line: &&String| is_whole && is_telling(line) && !given.contains(*line);
        let lines: HashSet<&String> = solution.iter().filter(is_secret).collect();
        let is_lab_cut = stages::all()
            .iter()
            .filter(|stage| LABS.iter().any(|lab| lab.package == *package && lab.has(stage)))
            .all(|stage| cut.stages.contains(stage));
        let is_own =
            |path: &Path| !tree::is_students(path) || is_lab_cut && path.starts_with(package);
        for (finding, places) in find(handout, &runs, &lines) {
            // What several files have is a form, such as a list of parameters.
            if let [place] = Vec::from_iter(places)[..]
                && is_own(place)
            {
                let line = finding.lines().next().unwrap_or_default();
                return Err(format!("{} gives a solution away: {line}", place.display()));
            }
        }
    }
    Ok(())
}

/// What is found of secrets, and in which files.
fn find<'a>(
    handout: &'a Handout,
    secret_runs: &HashSet<String>,
    secret_lines: &HashSet<&String>,
) -> BTreeMap<String, BTreeSet<&'a Path>> {
    let mut found: BTreeMap<String, BTreeSet<&Path>> = BTreeMap::new();
    for (path, content) in &handout.files {
        let own = lines(content);
        let runs = own.windows(RUN).filter_map(telling_run);
        let runs = runs.filter(|run| secret_runs.contains(run));
        let lines = own.iter().filter(|line| secret_lines.contains(line)).cloned();
        for finding in runs.chain(lines) {
            found.entry(finding).or_default().insert(path);
        }
    }
    found
}

/// The lines of a text, without indentation.
fn lines(content: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(content).lines().map(|line| line.trim().to_owned()).collect()
}

fn is_telling(line: &str) -> bool {
    line.len() >= TELLING && !line.starts_with("#[") && !line.starts_with("use ")
}

/// Some lines as one text, if at least one of them tells something and none is empty.
fn telling_run(lines: &[String]) -> Option<String> {
    let tells =
        lines.iter().any(|line| is_telling(line)) && lines.iter().all(|line| !line.is_empty());
    tells.then(|| lines.join("\n"))
}
