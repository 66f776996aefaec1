//! A handout proves itself before anybody gets it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use records::{Class, Record};

use super::Handout;
use super::secrecy::check_secrecy;
use super::solution::has_tag;
use super::stubs::{Asked, check_stubs};
use crate::counted::counted;
use crate::scratch;
use crate::stages::{self, Cut};
use crate::{dependencies, tree};

/// Checks the handout that was written to `folder`, and says each thing that holds as it is found.
///
/// # Errors
///
/// The first thing that does not hold.
pub(crate) fn verify(
    root: &Path,
    cut: &Cut,
    folder: &Path,
    say: impl Fn(&str),
) -> Result<(), String> {
    let handout = Handout::cut(root, cut)?;
    check_same(&handout, folder)?;
    say("cut twice, the result is the same");
    check_secrecy(root, &handout, cut)?;
    say("no line of a solution is left in it");
    let scratch = scratch::folder()?;
    let work = scratch.path().join("handout");
    handout.write(&work)?;
    check_format(&work)?;
    say("formatted as rustfmt does");
    show_imports(&handout, &work)?;
    dependencies::download(root)?;
    build(&work, true)?;
    say("builds without a warning, and without an import that nothing uses");
    let stubs = run(&work, cut, "stubs")?;
    let solution = tree::solution(root)?;
    let count = check_stubs(&stubs, &cut.stages, &|stage| asked(&solution, &handout, stage))?;
    say(&format!("{count} tests fail fast without the solution, and none hangs"));
    put_back(root, &work)?;
    build(&work, false)?;
    let solved = run(&work, cut, "solved")?;
    if let Some(failed) = solved.iter().find(|record| record.class != Class::Pass) {
        return Err(format!("with the solution put back {} fails: {}", failed.test, failed.seen));
    }
    say(&format!("with the solution put back all of {} pass", counted(solved.len(), "test")));
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

fn check_format(workspace: &Path) -> Result<(), String> {
    let mut command = Command::new(env!("CARGO"));
    let output = command.args(["fmt", "--all", "--check"]).current_dir(workspace).output();
    let output = output.map_err(|error| format!("cargo does not start: {error}"))?;
    let problem = String::from_utf8_lossy(&output.stdout);
    if output.status.success() { Ok(()) } else { Err(format!("it is not formatted:\n{problem}")) }
}

/// Lets the compiler warn of imports that nothing uses. The stubs allow them, for half-written solutions.
fn show_imports(handout: &Handout, workspace: &Path) -> Result<(), String> {
    for (path, content) in handout.files.iter().filter(|(path, _)| tree::is_students(path)) {
        let text = String::from_utf8_lossy(content);
        let text = text.replace("#![allow(unused)]", "#![allow(dead_code, unused_variables)]");
        std::fs::write(workspace.join(path), text)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}

fn put_back(root: &Path, workspace: &Path) -> Result<(), String> {
    for path in tree::files_for_students(root)?.iter().filter(|path| tree::is_students(path)) {
        let target = workspace.join(path);
        std::fs::create_dir_all(target.parent().unwrap_or(workspace))
            .and_then(|()| std::fs::copy(root.join(path), target))
            .map_err(|error| format!("cannot put {} back: {error}", path.display()))?;
    }
    Ok(())
}

fn build(workspace: &Path, deny_warnings: bool) -> Result<(), String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--quiet", "--offline", "--locked", "--package", "lab"]);
    if deny_warnings {
        command.env("RUSTFLAGS", "-Dwarnings");
    }
    command.current_dir(workspace).env("CARGO_TARGET_DIR", workspace.join("target"));
    let output = command.output().map_err(|error| format!("cargo does not start: {error}"))?;
    let problem = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("it does not build:\n{problem}")) }
}

/// What students build in a stage.
fn asked(solution: &BTreeMap<PathBuf, String>, handout: &Handout, stage: &str) -> Asked {
    let stub = format!("\"{stage}: ");
    let mut students = handout.files.iter().filter(|(path, _)| tree::is_students(path));
    // An optional stage changes what earlier ones have built, and not all of its tests come to a function of its own.
    let is_required = stages::required().contains(stage);
    if is_required && students.any(|(_, content)| String::from_utf8_lossy(content).contains(&stub))
    {
        Asked::Functions
    } else if solution.values().any(|text| has_tag(text, stage)) {
        Asked::Statements
    } else {
        Asked::Nothing
    }
}

/// Runs every test once, but for those that nobody is asked for.
fn run(workspace: &Path, cut: &Cut, name: &str) -> Result<Vec<Record>, String> {
    let file = workspace.join("target").join(name);
    let mut command = Command::new(workspace.join("target/debug/lab"));
    command.args(["run", "--sim", "--seed", "1", "--json"]).arg(&file).current_dir(workspace);
    command.args(stages::all().difference(&cut.unasked));
    let output = command.output().map_err(|error| format!("the tests do not start: {error}"))?;
    let text = std::fs::read_to_string(file).map_err(|_| {
        format!("the tests do not run: {}", String::from_utf8_lossy(&output.stderr).trim())
    })?;
    let parse = |line| serde_json::from_str(line);
    let records: Result<Vec<Record>, _> = text.lines().map(parse).collect();
    records.map_err(|error| format!("cannot read the runner's records: {error}"))
}
