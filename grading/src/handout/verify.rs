//! A handout proves itself before anybody gets it.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::process::Command;

use records::{Class, Record};

use super::Handout;
use crate::tree;

/// The shortest line that tells a solution: shorter ones are anybody's.
const TELLING: usize = 24;

/// How many lines in a row give a solution away in any case.
const RUN: usize = 3;

/// How long a stub may take to fail, in seconds.
const FAST: f64 = 10.0;

/// Checks the handout that was written to `folder`, and says each thing that holds as it is found.
///
/// # Errors
///
/// The first thing that does not hold.
pub(crate) fn verify(
    root: &Path,
    stages: &[String],
    folder: &Path,
    say: impl Fn(&str),
) -> Result<(), String> {
    let handout = Handout::cut(root, stages)?;
    check_same(&handout, folder)?;
    say("cut twice, the same bytes");
    check_secrecy(root, &handout, stages)?;
    say("no line of a solution is left in it");
    let scratch = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let work = scratch.path().join("handout");
    handout.write(&work)?;
    build(&work, true)?;
    say("builds without a warning");
    let stubs = run(&work, "stubs")?;
    let count = check_stubs(&stubs, stages)?;
    say(&format!("{count} tests fail fast without the solution, and none hangs"));
    for path in tree::student_files() {
        std::fs::copy(root.join(path), work.join(path))
            .map_err(|error| format!("cannot put {path} back: {error}"))?;
    }
    build(&work, false)?;
    let solved = run(&work, "solved")?;
    if let Some(failed) = solved.iter().find(|record| record.class != Class::Pass) {
        return Err(format!("with the solution put back {} fails: {}", failed.test, failed.seen));
    }
    say(&format!("with the solution put back all {} tests pass", solved.len()));
    Ok(())
}

fn check_same(handout: &Handout, folder: &Path) -> Result<(), String> {
    for (path, content) in &handout.files {
        if std::fs::read(folder.join(path)).ok().as_ref() != Some(content) {
            return Err(format!("{} differs when it is cut once more", path.display()));
        }
    }
    Ok(())
}

/// No part of a solution may be anywhere in the handout: no run of its lines, and where all stages are
/// cut no single line that tells something.
fn check_secrecy(root: &Path, handout: &Handout, stages: &[String]) -> Result<(), String> {
    let parts: HashSet<String> = handout.solution.windows(RUN).filter_map(telling_run).collect();
    let mut lines: HashSet<&str> =
        handout.solution.iter().map(String::as_str).filter(|line| is_telling(line)).collect();
    // What the given code has in common with a solution is no secret.
    for (path, content) in &Handout::cut(root, &[])?.files {
        if !tree::student_files().any(|file| Path::new(file) == path) {
            let text = String::from_utf8_lossy(content);
            text.lines().for_each(|line| {
                lines.remove(line.trim());
            });
        }
    }
    // By what is found: where. What several files have is a form, such as a list of parameters.
    let mut found: BTreeMap<String, BTreeSet<&Path>> = BTreeMap::new();
    for (path, content) in &handout.files {
        let text = String::from_utf8_lossy(content);
        let own: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
        let runs = own.windows(RUN).filter_map(telling_run).filter(|run| parts.contains(run));
        let is_secret = |line: &&String| stages.is_empty() && lines.contains(line.as_str());
        for finding in runs.chain(own.iter().filter(is_secret).cloned()) {
            found.entry(finding).or_default().insert(path);
        }
    }
    for (finding, places) in found {
        if let [place] = places.into_iter().collect::<Vec<_>>()[..] {
            let line = finding.lines().next().unwrap_or_default();
            return Err(format!("{} gives a solution away: {line}", place.display()));
        }
    }
    Ok(())
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

fn build(workspace: &Path, deny_warnings: bool) -> Result<(), String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--quiet", "--offline", "--package", "lab"]).current_dir(workspace);
    if deny_warnings {
        command.env("RUSTFLAGS", "-Dwarnings");
    }
    command.env("CARGO_TARGET_DIR", workspace.join("target"));
    let output = command.output().map_err(|error| format!("cargo does not start: {error}"))?;
    let problem = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("it does not build:\n{problem}")) }
}

/// Runs every test once.
fn run(workspace: &Path, name: &str) -> Result<Vec<Record>, String> {
    let file = workspace.join("target").join(name);
    let mut command = Command::new(workspace.join("target/debug/lab"));
    command.args(["run", "--sim", "--seed", "1", "--json"]).arg(&file).current_dir(workspace);
    let output = command.output().map_err(|error| format!("the tests do not start: {error}"))?;
    let text = std::fs::read_to_string(file).map_err(|_| {
        format!("the tests do not run: {}", String::from_utf8_lossy(&output.stderr).trim())
    })?;
    let parse = |line| serde_json::from_str(line);
    let records: Result<Vec<Record>, _> = text.lines().map(parse).collect();
    records.map_err(|error| format!("the runner's records cannot be read: {error}"))
}

/// With everything cut, every test fails for that reason; with some stages cut, some test of each fails.
/// Returns how many do.
fn check_stubs(records: &[Record], stages: &[String]) -> Result<usize, String> {
    if let Some(slow) = records.iter().find(|record| record.wall_seconds > FAST) {
        return Err(format!("{} takes {:.1} s on the stubs", slow.test, slow.wall_seconds));
    }
    let failed = |record: &&Record| record.class != Class::Pass;
    for stage in stages {
        if !records.iter().filter(failed).any(|record| record.stage == *stage) {
            return Err(format!("no test of stage {stage} fails without its solution"));
        }
    }
    let says_so = |record: &&Record| {
        record.class == Class::Panic && record.seen.starts_with("not implemented: ")
    };
    if let Some(record) = records.iter().find(|record| stages.is_empty() && !says_so(record)) {
        let (test, class, seen) = (&record.test, record.class.describe(), &record.seen);
        return Err(format!(
            "{test} should say \"not implemented\" on the stubs, but: {class}: {seen}"
        ));
    }
    Ok(records.iter().filter(failed).count())
}
