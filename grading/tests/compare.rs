//! `cargo grade compare` says what has changed between two gradings.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use walkdir::WalkDir;

const LONG: &str = "snapshot_unreliable_recover_concurrent_partition_linearizable";

fn grade(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grade"));
    command.args(arguments).output().expect("the program starts")
}

fn show(path: &Path) -> &str {
    path.to_str().expect("the path is UTF-8")
}

/// A grading with 4 runs of two tests. A student is a name, the hash of the files, and how many runs of each test
/// pass; with none, the submission does not compile.
fn graded(head: &str, rubric: &str, students: &[(&str, &str, &[u64])]) -> TempDir {
    let folder = tempfile::tempdir().expect("the disk is writable");
    let tests = ["x", LONG].map(|test| {
        format!("{{\"test\":\"2A::{test}\",\"stage\":\"2A\",\"title\":\"\",\"limit_seconds\":1}}")
    });
    let mut log = format!(
        "{{\"kind\":\"grading\",\"version\":1,\"stages\":[\"2A\"],\"tests\":[{}],\"clock\":\"sim\",\"runs\":4,\
         {head},\"rubric\":\"\"}}\n",
        tests.join(",")
    );
    for (student, files, passes) in students {
        let outcome = if passes.is_empty() { "build_error" } else { "built" };
        log += &format!(
            "{{\"kind\":\"build\",\"student\":\"{student}\",\"submission\":\"{files}\",\"outcome\":\"{outcome}\",\
             \"wall_seconds\":1}}\n"
        );
        for (test, passes) in ["x", LONG].iter().zip(*passes) {
            for index in 0..4 {
                let class = if index < *passes { "pass" } else { "panic" };
                log += &format!(
                    "{{\"kind\":\"run\",\"student\":\"{student}\",\"submission\":\"{files}\",\"index\":{index},\
                     \"isolation\":\"none\",\"test\":\"2A::{test}\",\"stage\":\"2A\",\"seed\":\"0x1\",\
                     \"clock\":\"sim\",\"class\":\"{class}\",\"wall_seconds\":1}}\n"
                );
            }
        }
    }
    std::fs::write(folder.path().join("runs.jsonl"), log).expect("the disk is writable");
    report(folder.path(), rubric, "");
    folder
}

/// Makes the reports with a formula and adjustments.
fn report(folder: &Path, formula: &str, adjustments: &str) {
    let [rubric, file] = ["rubric.toml", "adjustments.toml"].map(|name| folder.join(name));
    let text = format!(
        "version = 1\nformula = \"{formula}\"\n[stage.2A]\npoints = 12\ntests.x = {{ points = 4 }}\n\
         tests.{LONG} = {{ points = 8 }}\n"
    );
    std::fs::write(&rubric, text).expect("the disk is writable");
    std::fs::write(&file, adjustments).expect("the disk is writable");
    let output =
        grade(&["report", show(folder), "--rubric", show(&rubric), "--adjustments", show(&file)]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn compare(old: &TempDir, new: &TempDir, rest: &[&str]) -> String {
    let output = grade(&[&["compare", show(old.path()), show(new.path())], rest].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it is text")
}

const SAME: &str = "\"seeds\":\"s\",\"harness\":\"h\"";

/// All files with their contents and times.
fn state(folder: &Path) -> Vec<(String, Vec<u8>, std::time::SystemTime)> {
    let files = WalkDir::new(folder).sort_by_file_name().into_iter();
    let file = |file: walkdir::DirEntry| {
        let data = file.metadata().expect("it is there");
        let content = if data.is_file() { std::fs::read(file.path()) } else { Ok(Vec::new()) };
        let changed = data.modified().expect("times are known");
        (file.path().display().to_string(), content.expect("it can be read"), changed)
    };
    files.map(|it| file(it.expect("it can be read"))).collect()
}

#[test]
fn two_gradings_of_the_same_are_the_same() {
    let [old, new] = [(); 2].map(|()| graded(SAME, "rate", &[("alice", "a", &[4, 2])]));
    let text = compare(&old, &new, &[]);
    assert_eq!(text.matches("the same").count(), 5, "{text}");
    assert!(text.ends_with("\n0 of 1 students have other points\n"), "{text}");
}

#[test]
fn the_files_of_the_tests_that_differ_are_named() {
    let [old, new] = ["1", "2"].map(|hash| {
        let files = format!("{{\"tests/a.rs\":\"{hash}\",\"tests/b.rs\":\"0\"}}");
        let head = format!("\"seeds\":\"s\",\"harness\":\"{hash}\",\"harness_files\":{files}");
        graded(&head, "rate", &[("alice", "a", &[4, 2])])
    });
    let text = compare(&old, &new, &[]);
    assert!(text.contains("\ntests   others; these files differ: tests/a.rs\n"), "{text}");
}

#[test]
fn whose_points_change_and_by_which_test() {
    let long_name = "b".repeat(90);
    let old = graded(
        SAME,
        "rate",
        &[
            ("alice", "a", &[4, 2]),
            ("ben", "b", &[4, 4]),
            ("carl", "c", &[1, 4]),
            ("same", "s", &[3, 3]),
            ("gone", "g", &[1, 1]),
            (&long_name, "l", &[1, 1]),
        ],
    );
    let new = graded(
        "\"seeds\":\"t\",\"harness\":\"i\"",
        "min(rate * 1, 1)",
        &[
            ("alice", "a", &[4, 3]),
            ("ben", "b2", &[]),
            ("carl", "c", &[3, 3]),
            ("same", "s", &[3, 3]),
            ("late", "n", &[1, 1]),
            (&long_name, "l", &[2, 1]),
        ],
    );
    report(new.path(), "min(rate * 1, 1)", "[student.alice]\npoints = -1\nreason = 'x'\n");
    let before = [&old, &new].map(|folder| state(folder.path()));
    let text = compare(&old, &new, &[]);
    let lines: Vec<String> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "stages the same",
        "tests h -> i",
        "seeds others",
        "files others, for 1 of 5 students",
        "runs passed old new change",
        "alice 8 9 +1",
        "2/4 -> 3/4 4 6 +2",
        "adjustments 0 -1 -1",
        "ben 12 0 -12",
        "compiles -> does not compile",
        // One test gains what the other loses.
        "carl 9 9 0",
        "2A::x 1/4 -> 3/4 1 3 +2",
        "only in the old results: gone",
        "only in the new results: late",
        "3 of 5 students have other points, from -12 to +1",
    ] {
        assert!(lines.iter().any(|found| found == line), "no {line:?} in\n{text}");
    }
    assert!(lines[0].starts_with("rubric ") && lines[0].contains(" rubric.toml -> "), "{text}");
    assert!(!text.contains("same  "), "whoever has the same points is not listed: {text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert_eq!(before, [&old, &new].map(|folder| state(folder.path())));
}

#[test]
fn the_differences_are_written_as_a_table() {
    let old = graded(SAME, "rate", &[("=alice", "a", &[4, 2]), ("gone", "g", &[1, 1])]);
    let new = graded(SAME, "rate", &[("=alice", "a", &[4, 3])]);
    let out = tempfile::tempdir().expect("the disk is writable");
    let file = out.path().join("changes.csv");
    compare(&old, &new, &["--csv", show(&file)]);
    let text = std::fs::read_to_string(&file).expect("it is there");
    let expected = format!(
        "student,test,points old,points new,change,passed old,runs old,passed new,runs new\n\
         '=alice,,8,10,2,,,,\n'=alice,2A::{LONG},4,6,2,2,4,3,4\n\
         gone,only in the old results,,,,,,,\n"
    );
    assert_eq!(text, expected);
    let paths = [show(old.path()), show(new.path()), "--csv", show(&file)];
    let output = grade(&[&["compare"], &paths[..]].concat());
    assert_eq!(output.status.code(), Some(2), "a file is not overwritten");
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), text);
}

#[test]
fn a_copy_of_the_summary_is_enough() {
    let graded = graded(SAME, "rate", &[("alice", "a", &[4, 2])]);
    let copy = graded.path().join("before.json");
    std::fs::copy(graded.path().join("summary.json"), &copy).expect("the disk is writable");
    report(graded.path(), "rate * rate", "");
    let output = grade(&["compare", show(&copy), show(graded.path())]);
    let text = String::from_utf8(output.stdout).expect("it is text");
    assert!(text.contains("2/4 -> 2/4                      4        2       -2"), "{text}");
}

#[test]
fn a_report_says_so_if_points_differ_from_the_last_one() {
    let graded = graded(SAME, "rate", &[("alice", "a", &[4, 2]), ("ben", "b", &[4, 4])]);
    let rubric = graded.path().join("rubric.toml");
    let note = || {
        let output = grade(&["report", show(graded.path()), "--rubric", show(&rubric)]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stderr).expect("it is text")
    };
    assert_eq!(note(), "");
    // This file is the default.
    let adjustments = graded.path().join("adjustments.toml");
    let text = "[student.ben]\nfactor = 0.5\nreason = 'x'\n";
    std::fs::write(&adjustments, text).expect("the disk is writable");
    let expected = "note: since the last report 1 of 2 students have other points, by -6\n";
    assert_eq!(note(), expected);
    assert_eq!(note(), "");
    std::fs::remove_file(&adjustments).expect("it is there");
    assert_eq!(note(), expected.replace('-', "+"));
}

#[test]
fn what_is_no_results_is_refused_with_one_sentence() {
    let results = graded(SAME, "rate", &[("alice", "a", &[4, 2])]);
    let other = tempfile::tempdir().expect("the disk is writable");
    let file = other.path().join("notes.json");
    std::fs::write(&file, "{}").expect("the disk is writable");
    for (path, problem) in [
        (other.path(), "contains no results: give a folder"),
        (Path::new("/nowhere/at/all"), "contains no results: give a folder"),
        (&file, "is no summary of a grading"),
        (Path::new("/dev/null"), "/dev/null is a device"),
    ] {
        for paths in [[path, results.path()], [results.path(), path]] {
            let output = grade(&["compare", show(paths[0]), show(paths[1])]);
            assert_eq!(output.status.code(), Some(2));
            let found = String::from_utf8(output.stderr).expect("it is text");
            assert!(found.contains(problem) && found.lines().count() == 1, "{found}");
        }
    }
}
