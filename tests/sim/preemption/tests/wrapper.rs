//! What `.cargo/rustc` makes of a call of the compiler.
#![cfg(target_os = "linux")]

use std::process::Command;

/// The arguments that the compiler would get for this crate.
fn arguments(crate_name: &str) -> String {
    let wrapper = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../.cargo/rustc");
    let mut command = Command::new("sh");
    command.args([
        wrapper,
        "echo",
        "--crate-name",
        crate_name,
        "--edition=2024",
        "--crate-type",
        "lib",
    ]);
    let output = command.args(["-C", "incremental=/a folder", "-C", "debuginfo=1"]).output();
    String::from_utf8(output.expect("there is a shell").stdout).expect("it is text")
}

/// A grader and a student may build in different ways, but a seed must be the same run for both.
#[test]
fn crates_of_students_are_not_built_incrementally() {
    let arguments = arguments("raft");
    assert!(!arguments.contains("incremental"), "{arguments}");
    assert!(arguments.contains("-C debuginfo=1 -C passes=sancov-module"), "{arguments}");
}

#[test]
fn other_crates_are_built_as_cargo_says() {
    let arguments = arguments("labgob");
    assert!(arguments.contains("-C incremental=/a folder -C debuginfo=1"), "{arguments}");
    assert!(!arguments.contains("sancov"), "{arguments}");
}
