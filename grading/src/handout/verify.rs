//! A handout proves itself before anybody gets it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use records::{Class, Record};

use super::Handout;
use super::secrecy::check_secrecy;
use crate::tree;

/// How long a test may take to fail on the stubs, in seconds.
const FAST: f64 = 10.0;

/// Checks the handout that was written to `folder`, and says each thing that holds as it is found.
///
/// # Errors
///
/// The first thing that does not hold.
pub(crate) fn verify(
    root: &Path,
    cut: &BTreeSet<String>,
    folder: &Path,
    say: impl Fn(&str),
) -> Result<(), String> {
    let handout = Handout::cut(root, cut)?;
    check_same(&handout, folder)?;
    say("cut twice, the result is the same");
    check_secrecy(root, &handout, cut)?;
    say("no line of a solution is left in it");
    let scratch = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let work = scratch.path().join("handout");
    handout.write(&work)?;
    check_format(&work)?;
    say("formatted as rustfmt does");
    show_imports(&handout, &work)?;
    build(&work, true)?;
    say("builds without a warning, and without an import that nothing uses");
    let stubs = run(&work, "stubs")?;
    let count = check_stubs(&stubs, cut)?;
    say(&format!("{count} tests fail fast without the solution, and none hangs"));
    put_back(root, &work)?;
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
    records.map_err(|error| format!("cannot read the runner's records: {error}"))
}

/// Every test of a stage that is cut fails for that reason, and the others pass if nothing below them is
/// cut. Returns how many fail.
///
/// Stage 2C is different: what it asks for is a single statement, and a Raft that does not save passes
/// tests in which no server restarts. Some of its tests must fail.
fn check_stubs(records: &[Record], cut: &BTreeSet<String>) -> Result<usize, String> {
    if let Some(slow) = records.iter().find(|record| record.wall_seconds > FAST) {
        return Err(format!("{} takes {:.1} s on the stubs", slow.test, slow.wall_seconds));
    }
    let mut by_stage: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        by_stage.entry(&record.stage).or_default().push(record);
    }
    for (stage, records) in &by_stage {
        let failed = records.iter().filter(|record| record.class != Class::Pass).count();
        let only_some_fail = *stage == "2C" && !cut.contains("2A");
        match () {
            () if !cut.contains(*stage) && has_all_below(stage, cut) && failed > 0 => {
                return Err(format!("{failed} tests of {stage} fail, though its solution is in"));
            }
            () if !cut.contains(*stage) => {}
            () if only_some_fail && failed == 0 => {
                return Err(format!("no test of stage {stage} fails without its solution"));
            }
            () if only_some_fail => {}
            () => records.iter().try_for_each(|record| check_stub(record))?,
        }
    }
    Ok(records.iter().filter(|record| record.class != Class::Pass).count())
}

fn check_stub(record: &Record) -> Result<(), String> {
    if record.class == Class::Panic && record.seen.contains(": not implemented: ") {
        return Ok(());
    }
    let (test, class, seen) = (&record.test, record.class.describe(), &record.seen);
    Err(format!("{test} should say \"not implemented\" on the stubs, but: {class}: {seen}"))
}

/// Whether the solutions of all stages before this one are in.
fn has_all_below(stage: &str, cut: &BTreeSet<String>) -> bool {
    cut.iter().all(|cut| cut.as_str() >= stage)
}
