//! Invalid arguments and files get an error message of one line.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn grade(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grade"));
    command.args(arguments).output().expect("the program starts")
}

/// The one line of the error message.
fn complaint(arguments: &[&str]) -> String {
    let output = grade(arguments);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).expect("error messages are UTF-8");
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_start_matches("error: ").trim_end().to_owned()
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("the disk is writable")
}

fn show(path: &Path) -> &str {
    path.to_str().expect("the path is UTF-8")
}

#[test]
fn submissions_must_exist() {
    let (empty, out) = (folder(), folder());
    let problem = complaint(&["run", show(empty.path()), "--out", show(out.path())]);
    assert!(
        problem
            .ends_with("contains no submissions: it should contain a file or folder per student"),
        "{problem}"
    );
    let problem = complaint(&["run", "/nowhere/at/all", "--out", show(out.path())]);
    assert!(problem.starts_with("cannot read the submissions in /nowhere/at/all"), "{problem}");
}

#[test]
fn all_that_does_not_match_the_roster_is_named_before_anything_is_written() {
    let (all, out) = (folder(), folder());
    let (submissions, results) = (all.path().join("submissions"), out.path().join("results"));
    std::fs::create_dir(&submissions).expect("the disk is writable");
    for name in ["eve.rs", "smithjane_17_900_raft.rs", "jane.rs", "notes.pdf"] {
        std::fs::write(submissions.join(name), "").expect("the disk is writable");
    }
    let roster = all.path().join("roster.csv");
    std::fs::write(&roster, "student,id\njane,17\n").expect("the disk is writable");
    let paths = [show(&submissions), "--out", show(&results), "--roster", show(&roster)];
    let output = grade(&[&["run"], paths.as_slice()].concat());
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: eve.rs is nobody's in the roster: add the student, or remove the file\n\
         both jane.rs and smithjane_17_900_raft.rs are jane's: leave the one that counts\n"
    );
    assert!(!results.exists(), "something was written");
    std::fs::write(&roster, "student;id\njane;17\n").expect("the disk is writable");
    let problem = complaint(&[&["run"], paths.as_slice()].concat());
    assert!(problem.contains("separated by semicolons"), "{problem}");
}

#[test]
fn a_bug_must_exist() {
    let problem = complaint(&["bugs", "no-such-bug"]);
    assert_eq!(problem, "there is no bug no-such-bug in grading/bugs");
}

#[test]
fn a_handout_does_not_overwrite() {
    let full = folder();
    std::fs::write(full.path().join("notes"), "mine").expect("the disk is writable");
    let problem = complaint(&["handout", "--out", show(full.path())]);
    assert!(problem.ends_with("is not empty: choose another folder for the handout"), "{problem}");
}

#[test]
fn an_archive_must_be_writable() {
    let problem = complaint(&["gradescope", "--out", "/nowhere/at/all.zip"]);
    assert!(problem.starts_with("cannot write /nowhere/at/all.zip"), "{problem}");
}

#[test]
fn a_stage_that_does_not_exist_is_refused_before_anything_is_written() {
    let empty = folder();
    let out = empty.path().join("out");
    for (stage, hint) in [("2A;rm", "separate stages with commas"), ("2a", "the stages are 2A, 2B")]
    {
        for command in ["handout", "gradescope"] {
            let output = grade(&[command, "--out", show(&out), "--stages", stage]);
            assert_eq!(output.status.code(), Some(2));
            let problem = String::from_utf8(output.stderr).expect("complaints are text");
            let expected = format!("unknown stage \"{stage}\"; {hint}");
            assert!(problem.contains(&expected), "{problem}");
            assert!(!out.exists(), "{command} has written something");
        }
    }
}

#[test]
fn a_handout_does_not_solve_what_students_are_to_write() {
    let empty = folder();
    let out = empty.path().join("out");
    let problem = complaint(&[
        "handout",
        "--out",
        show(&out),
        "--stages",
        "2C,2D",
        "--with-solutions",
        "2A,2C",
    ]);
    assert_eq!(problem, "stage 2C is in --stages and in --with-solutions: leave one");
    assert!(!out.exists(), "something was written");
}

#[test]
fn the_default_rubric_is_valid() {
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
    std::fs::write(results.path().join("runs.jsonl"), log).expect("the disk is writable");
    let output = grade(&["report", show(results.path())]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_unknown_test_in_a_rubric_is_reported_with_its_line() {
    let results = folder();
    let log = "{\"kind\":\"grading\",\"version\":1,\"stages\":[\"2A\"],\"tests\":[{\"test\":\"2A::x\",\
               \"stage\":\"2A\",\"title\":\"\",\"limit_seconds\":1}],\"clock\":\"sim\",\"runs\":1,\
               \"seeds\":\"\",\"harness\":\"\",\"rubric\":\"\"}\n";
    std::fs::write(results.path().join("runs.jsonl"), log).expect("the disk is writable");
    let rubric = results.path().join("rubric.toml");
    let text = "version = 1\nbands = [{ at_least = 1.0, earns = 1.0 }]\n[stage.2A]\npoints = 2\n\
                tests.x = { points = 1 }\ntests.y = { points = 1 }\n";
    std::fs::write(&rubric, text).expect("the disk is writable");
    let problem = complaint(&["report", show(results.path()), "--rubric", show(&rubric)]);
    assert!(problem.ends_with("rubric.toml:6: stage 2A has no test y"), "{problem}");
}

#[test]
fn an_autograder_is_packed_only_for_what_exists_and_where_nothing_is_lost() {
    let folder = folder();
    let (out, readme) = (folder.path().join("out.zip"), folder.path().join("README.md"));
    std::fs::write(&readme, "mine").expect("the disk is writable");
    for (arguments, expected) in [
        (["--stages", "9Z", "--out", show(&out)], "unknown stage \"9Z\"; the stages are 2A, 2B"),
        (["--minutes", "41", "--out", show(&out)], "write a whole number from 2 to 40"),
        (["--stages", "2A", "--out", show(&readme)], "exists and is not an autograder"),
    ] {
        let output = grade(&[&["gradescope"], arguments.as_slice()].concat());
        let problem = String::from_utf8(output.stderr).expect("error messages are UTF-8");
        assert_eq!(output.status.code(), Some(2), "{problem}");
        assert!(problem.contains(expected), "{problem}");
    }
    assert!(!out.exists());
    assert_eq!(std::fs::read_to_string(&readme).expect("it is there"), "mine");
}

/// A results folder with one student, alice, and a rubric for it.
fn graded() -> (TempDir, String) {
    let results = folder();
    let log = "{\"kind\":\"grading\",\"version\":1,\"stages\":[\"2A\"],\"tests\":[{\"test\":\"2A::x\",\
               \"stage\":\"2A\",\"title\":\"\",\"limit_seconds\":1}],\"clock\":\"sim\",\"runs\":20,\
               \"seeds\":\"\",\"harness\":\"\",\"rubric\":\"\"}\n\
               {\"kind\":\"build\",\"student\":\"alice\",\"submission\":\"\",\"outcome\":\"built\",\"wall_seconds\":1}\n";
    std::fs::write(results.path().join("runs.jsonl"), log).expect("the disk is writable");
    let rubric =
        "version = 1\nformula = \"rate\"\n[stage.2A]\npoints = 1\ntests.x = { points = 1 }\n";
    (results, rubric.to_owned())
}

#[test]
fn a_formula_is_checked_with_the_planned_runs_before_anything_is_written() {
    let (results, text) = graded();
    let rubric = results.path().join("rubric.toml");
    std::fs::write(&rubric, text.replace("\"rate\"", "\"passes / 10\"")).expect("it is writable");
    let problem = complaint(&["report", show(results.path()), "--rubric", show(&rubric)]);
    let expected =
        "rubric.toml:2: the formula gives 1.1 for 11 of 20 passes, not a share from 0 to 1";
    assert!(problem.ends_with(expected), "{problem}");
    // `run` says so before it compiles anything.
    let (submissions, out) = (folder(), folder());
    std::fs::write(submissions.path().join("alice.rs"), "").expect("it is writable");
    let run = |rubric: &Path| {
        complaint(&[
            "run",
            show(submissions.path()),
            "--out",
            show(&out.path().join("new")),
            "--seeds",
            "20",
            "--rubric",
            show(rubric),
        ])
    };
    assert!(run(&rubric).ends_with(expected));
    assert!(!out.path().join("new").exists(), "something was written");
}

#[test]
fn adjustments_are_checked_before_anything_is_written() {
    let (results, text) = graded();
    let [rubric, adjustments] =
        ["rubric.toml", "adjustments.toml"].map(|it| results.path().join(it));
    std::fs::write(&rubric, text).expect("it is writable");
    let wrong = "[[student.bob]]\npoints = 1\nreason = 'x'\n[[student.alice]]\nlate_days = 1\n";
    std::fs::write(&adjustments, wrong).expect("it is writable");
    let report = ["report", show(results.path()), "--rubric", show(&rubric)];
    let options = ["--adjustments", show(&adjustments)];
    let output = grade(&[&report[..], &options].concat());
    assert_eq!(output.status.code(), Some(2));
    let problems = String::from_utf8(output.stderr).expect("error messages are UTF-8");
    for problem in [
        "adjustments.toml:1: there are no results of a student \"bob\"",
        "adjustments.toml:4: the reason is missing",
        "adjustments.toml:5: the rubric does not say what late_days cost",
    ] {
        assert!(problems.contains(problem), "{problems}");
    }
    assert!(!results.path().join("gradebook.csv").exists(), "something was written");
    std::fs::write(
        &adjustments,
        wrong.replace("bob", "alice").replace("late_days = 1", "factor = 1\nreason = 'y'"),
    )
    .expect("it is writable");
    let output = grade(&[&report[..], &options].concat());
    // Runs are missing.
    assert_eq!(output.status.code(), Some(75), "{}", String::from_utf8_lossy(&output.stderr));
    let table = std::fs::read_to_string(results.path().join("gradebook.csv")).expect("it is there");
    assert!(table.contains("alice,1,1,0,+1,x 1: y; 1 point added: x"), "{table}");
}

#[test]
fn a_grading_keeps_the_rubric_of_its_last_report() {
    let (results, text) = graded();
    let rubric = results.path().join("other.toml");
    std::fs::write(&rubric, text).expect("it is writable");
    let options = "submissions = '/nowhere'\n[options]\nseeds = 20\n";
    std::fs::write(results.path().join("options.toml"), options).expect("it is writable");
    let report = ["report", show(results.path())];
    let output = grade(&[&report[..], &["--rubric", show(&rubric)]].concat());
    assert_eq!(output.status.code(), Some(75), "{}", String::from_utf8_lossy(&output.stderr));
    // The test is in no other rubric.
    let output = grade(&report);
    assert_eq!(output.status.code(), Some(75), "{}", String::from_utf8_lossy(&output.stderr));
    let kept = std::fs::read_to_string(results.path().join("options.toml")).expect("it is there");
    assert!(kept.contains("other.toml") && kept.contains("seeds = 20"), "{kept}");
}

#[test]
fn a_program_that_has_been_removed_goes_on() {
    let (all, out) = (folder(), folder());
    let (program, submissions) = (all.path().join("grade"), all.path().join("submissions"));
    std::fs::copy(env!("CARGO_BIN_EXE_grade"), &program).expect("there is room");
    std::fs::create_dir_all(submissions.join("files")).expect("the disk is writable");
    std::fs::write(submissions.join("files/notes.txt"), "").expect("the disk is writable");
    // The program starts itself again to read files, and in the sandbox to read a repository.
    let repository = submissions.join("repository");
    let git = Command::new("git").args(["init", "--quiet"]).arg(&repository).status();
    assert!(git.is_ok_and(|status| status.success()), "no repository was made");
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec 9<\"$0\" && rm \"$0\" && exec /proc/self/fd/9 \"$@\""]);
    shell.arg(&program).arg("run").arg(&submissions).arg("--plan").arg("--out").arg(out.path());
    let output = shell.output().expect("there is a shell");
    assert!(!program.exists(), "the program was not removed");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "submissions: 2, of which 0 to grade, 0 with the same files as another, 2 that cannot be \
         read\n  files: it contains no file named raft.rs, server.rs, client.rs or replica.rs: \
         nothing in it ends in .rs\n  repository: it is a git repository, but HEAD names no commit\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
