//! A handout proves itself before anybody gets it.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;

use records::{Class, Record};

use super::Handout;
use crate::tree;

/// The shortest line that tells a solution: shorter ones are anybody's.
const TELLING: usize = 24;

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
    check_secrecy(root, &handout)?;
    say("no line of a solution is left in it");
    let scratch = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let work = scratch.path().join("handout");
    handout.write(&work)?;
    build(&work, true)?;
    say("builds without a warning");
    let stubs = run(&work, "stubs")?;
    let count = check_stubs(&stubs, stages)?;
    say(&format!("{count} tests fail fast with \"not implemented\", and none hangs"));
    for path in tree::STUDENT_FILES {
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

/// No line that stands only in solutions may be anywhere in the handout.
fn check_secrecy(root: &Path, handout: &Handout) -> Result<(), String> {
    let is_telling = |line: &&str| line.len() >= TELLING && !line.starts_with("#[");
    let mut secret: HashSet<&str> =
        handout.solution.iter().map(String::as_str).filter(is_telling).collect();
    // What the given code has in common with a solution is no secret.
    let given = Handout::cut(root, &[])?;
    for (path, content) in &given.files {
        if !tree::STUDENT_FILES.iter().any(|file| Path::new(file) == path) {
            let text = String::from_utf8_lossy(content);
            text.lines().for_each(|line| {
                secret.remove(line.trim());
            });
        }
    }
    for (path, content) in &handout.files {
        let text = String::from_utf8_lossy(content);
        let leak = (1..).zip(text.lines()).find(|(_, line)| secret.contains(line.trim()));
        if let Some((number, line)) = leak {
            let line = line.trim();
            return Err(format!("{}:{number} gives a solution away: {line}", path.display()));
        }
    }
    Ok(())
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

/// Every test of the stages that were cut fails for that reason. Returns how many these are.
fn check_stubs(records: &[Record], stages: &[String]) -> Result<usize, String> {
    let is_cut = |stage: &String| stages.is_empty() || stages.contains(stage);
    let mut count = 0;
    for record in records.iter().filter(|record| is_cut(&record.stage)) {
        if record.class != Class::Panic || !record.seen.starts_with("not implemented: ") {
            return Err(format!(
                "{} should fail on the stubs with \"not implemented\", but: {}: {}",
                record.test,
                record.class.describe(),
                record.seen
            ));
        }
        if record.wall_seconds > FAST {
            return Err(format!("{} takes {:.1} s on the stubs", record.test, record.wall_seconds));
        }
        count += 1;
    }
    if count == 0 {
        return Err(format!("no test belongs to the stages {}", stages.join(", ")));
    }
    Ok(count)
}
