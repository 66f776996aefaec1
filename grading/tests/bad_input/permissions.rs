//! Files that may not be read, and folders that may not be written to.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::bench::Bench;

/// The number of a user that owns nothing.
const NOBODY: &str = "65534";

#[test]
fn what_is_forbidden_is_named() {
    let bench = Bench::new();
    // The folder that it was compiled in may be closed to others.
    std::fs::copy(env!("CARGO_BIN_EXE_grade"), bench.path("grade")).expect("there is room");
    let set = |name: &str, mode| {
        std::fs::set_permissions(bench.path(name), Permissions::from_mode(mode))
            .expect("it is ours");
    };
    bench.write("readonly/x", "");
    std::fs::remove_file(bench.path("readonly/x")).expect("it is there");
    ["file", "roster.csv", "graded/runs.jsonl"].into_iter().for_each(|name| set(name, 0o000));
    ["readonly", "subs"].into_iter().for_each(|name| set(name, 0o555));
    set("", 0o755);
    for (command, says) in [
        ("run subs --out readonly/new", "cannot write readonly/new"),
        ("run subs --out readonly", "cannot write readonly"),
        ("run subs --out new", "cannot write new"),
        ("run subs --out readonly --rubric file", "cannot read"),
        ("run subs --out readonly --roster roster.csv", "roster.csv"),
        ("report graded", "cannot read graded/runs.jsonl"),
        ("handout --out readonly/new", "cannot write readonly/new"),
        ("gradescope --out readonly/new.zip", "cannot write readonly/new.zip"),
        ("bugs vote-for-stale-log --json readonly/page", "cannot write readonly/page"),
        ("export graded --to dolos --out readonly/new", "cannot read graded/runs.jsonl"),
    ] {
        let mut program = as_nobody();
        let said = bench.run(program.arg(bench.path("grade")).args(command.split(' ')));
        assert_eq!(said.code, Some(2), "{command}: {}", said.errors);
        assert!(said.errors.contains(says), "{command}: {}", said.errors);
        assert!(said.errors.contains("you have no permission"), "{command}: {}", said.errors);
        assert!(!said.errors.contains("compiling"), "{command}: {}", said.errors);
    }
    ["readonly", "subs"].into_iter().for_each(|name| set(name, 0o755));
}

/// Runs a program as somebody who owns nothing; as the same user if that is not root.
fn as_nobody() -> Command {
    let mut command = Command::new("env");
    if rustix::process::geteuid().is_root() {
        command = Command::new("setpriv");
        command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]);
    }
    command
}
