//! Names of tests, bugs and attacks that do not exist, and submissions that cannot be read.

use super::bench::Bench;

#[test]
fn all_unknown_names_are_said_at_once() {
    let bench = Bench::new();
    bench.refuses(
        "repeat subs/alice.rs 2A 9Z _ 8Q",
        &["no test has \"9Z\" or \"8Q\" in its name: cargo lab list names them all"],
    );
    bench.refuses(
        "bugs vote-for-stale-log one two",
        &["there is no bug one in grading/bugs", "there is no bug two in grading/bugs"],
    );
    let says = "none of these bugs is of these stages: leave out --stages, or the names";
    bench.refuses("bugs vote-for-stale-log --stages 4A", &[says]);
    bench.refuses(
        "selfcheck silence one two",
        &["there is no attack one in grading/attacks", "there is no attack two"],
    );
}

#[test]
fn a_submission_that_cannot_be_read_is_named() {
    let bench = Bench::new();
    for (submission, says) in [
        ("nowhere.rs", "nowhere.rs: cannot read it: there is no such file or folder"),
        (
            "file",
            "file: it must be a .rs file, a folder, a .zip, a .tar, a .tar.gz or a git repository",
        ),
        ("other", "other: it contains no file named raft.rs"),
        ("fifo", "fifo: it is a FIFO, not a file"),
        (".hidden", ".hidden is a hidden file"),
    ] {
        bench.refuses(&format!("repeat {submission}"), &[says]);
    }
}

#[test]
fn where_the_measurements_go_is_looked_at_first() {
    let bench = Bench::new();
    for option in ["--json", "--markdown"] {
        for (path, says) in [("other", "it is a folder"), ("file/page", "file is not a folder")] {
            let command = format!("bugs vote-for-stale-log {option} {path}");
            bench.refuses(&command, &["cannot write ", says]);
        }
    }
}
