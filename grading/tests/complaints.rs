//! Whoever types nonsense is told so in a sentence.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn grade(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grade"));
    command.args(arguments).output().expect("the program starts")
}

/// The one line that the program complains with.
fn complaint(arguments: &[&str]) -> String {
    let output = grade(arguments);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).expect("complaints are text");
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_start_matches("error: ").trim_end().to_owned()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("there is room")
}

fn show(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn submissions_must_be_there() {
    let (empty, out) = (folder(), folder());
    let problem = complaint(&["run", show(empty.path()), "--out", show(out.path())]);
    assert!(
        problem.ends_with("is empty: it should hold a file or folder per student"),
        "{problem}"
    );
    let problem = complaint(&["run", "/nowhere/at/all", "--out", show(out.path())]);
    assert!(problem.starts_with("cannot read the submissions in /nowhere/at/all"), "{problem}");
}

#[test]
fn a_student_hands_in_once() {
    let (both, out) = (folder(), folder());
    for name in ["alice.rs", "alice.zip"] {
        std::fs::write(both.path().join(name), "").expect("there is room");
    }
    let problem = complaint(&["run", show(both.path()), "--out", show(out.path())]);
    assert!(problem.ends_with("are both of alice: leave one"), "{problem}");
}

#[test]
fn results_must_be_of_a_grading() {
    let nothing = folder();
    let problem = complaint(&["report", show(nothing.path())]);
    assert!(problem.starts_with("cannot read ") && problem.contains("runs.jsonl"), "{problem}");
    std::fs::write(nothing.path().join("runs.jsonl"), "no json\n").expect("there is room");
    let problem = complaint(&["report", show(nothing.path())]);
    assert!(problem.contains("runs.jsonl:1: no record"), "{problem}");
}

#[test]
fn a_handout_does_not_overwrite() {
    let full = folder();
    std::fs::write(full.path().join("notes"), "mine").expect("there is room");
    let problem = complaint(&["handout", "--out", show(full.path())]);
    assert!(problem.ends_with("is not empty: a handout needs a folder of its own"), "{problem}");
}

#[test]
fn an_archive_needs_a_place() {
    let problem = complaint(&["gradescope", "--out", "/nowhere/at/all.zip"]);
    assert!(problem.starts_with("cannot write /nowhere/at/all.zip"), "{problem}");
    let problem = complaint(&["gradescope", "--out", "/tmp/x.zip", "--stages", "2A;rm"]);
    assert!(problem.contains("no stages such as 2A,2B"), "{problem}");
}

#[test]
fn the_own_rubric_is_in_order() {
    let results = folder();
    let tests: String = include_str!("../rubric.toml")
        .lines()
        .scan(String::new(), |stage, line| {
            if let Some(name) = line.strip_prefix("[stage.") {
                *stage = name.trim_end_matches(']').to_owned();
            }
            let name = line.strip_prefix("tests.").and_then(|rest| rest.split(' ').next());
            Some(name.map(|name| {
                format!("{{\"test\":\"{stage}::{name}\",\"stage\":\"{stage}\",\"title\":\"\",\"limit_seconds\":1}}")
            }))
        })
        .flatten()
        .collect::<Vec<_>>()
        .join(",");
    let log = format!(
        "{{\"kind\":\"grading\",\"version\":1,\"stages\":[\"2A\"],\"tests\":[{tests}],\"clock\":\"sim\",\
         \"runs\":1,\"seeds\":\"\",\"harness\":\"\",\"rubric\":\"\"}}\n"
    );
    std::fs::write(results.path().join("runs.jsonl"), log).expect("there is room");
    let output = grade(&["report", show(results.path())]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_rubric_with_an_unknown_test_is_refused_by_its_line() {
    let results = folder();
    let log = "{\"kind\":\"grading\",\"version\":1,\"stages\":[\"2A\"],\"tests\":[{\"test\":\"2A::x\",\
               \"stage\":\"2A\",\"title\":\"\",\"limit_seconds\":1}],\"clock\":\"sim\",\"runs\":1,\
               \"seeds\":\"\",\"harness\":\"\",\"rubric\":\"\"}\n";
    std::fs::write(results.path().join("runs.jsonl"), log).expect("there is room");
    let rubric = results.path().join("rubric.toml");
    let text = "version = 1\nbands = [{ at_least = 1.0, earns = 1.0 }]\n[stage.2A]\npoints = 2\n\
                tests.x = { points = 1 }\ntests.y = { points = 1 }\n";
    std::fs::write(&rubric, text).expect("there is room");
    let problem = complaint(&["report", show(results.path()), "--rubric", show(&rubric)]);
    assert!(problem.ends_with("rubric.toml:6: stage 2A has no test y"), "{problem}");
}
