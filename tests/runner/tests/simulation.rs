//! Verdicts in a simulation: those of the clock, and those that only a simulation can give.

#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::path::Path;
use std::process::{Command, Output};

use runner::Class;
use serde_json::Value;

fn simulate(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_misbehave"));
    command.args(["run", "--sim", "--exact"]).args(arguments).env_remove("RUST_LOG");
    command.output().expect("the program starts")
}

fn text_of(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("a report is text")
}

/// Checks how a test that fails is reported.
fn fails_as(test: &str, class: &str, sign: &str) {
    is_reported(test, class, sign, "0 passed, 1 failed\n");
}

/// Checks how a test is reported that has neither passed nor failed.
fn has_no_verdict(test: &str, sign: &str) {
    is_reported(test, Class::Fault.describe(), sign, "0 passed, 0 failed, 1 without a verdict\n");
}

fn is_reported(test: &str, class: &str, sign: &str, totals: &str) {
    let output = simulate(&[test, "--seed", "7"]);
    let text = text_of(&output);
    assert!(text.ends_with(totals), "{text}");
    let first = text.lines().next().unwrap_or_default();
    assert!(first.ends_with(class), "{text}");
    assert!(text.contains(sign), "{text}");
    let kind = sim::PROCESSOR;
    let again = format!(
        "again    cargo lab run --exact {test} --sim --seed 0x7\n           on an {kind} processor;"
    );
    assert!(text.contains(&again), "{text}");
}

/// The lines of JSON of a run.
fn records(arguments: &[&str]) -> Vec<Value> {
    let name = format!("records-{}.json", arguments.concat().replace([':', '/'], "-"));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_file(&path);
    let path = path.to_str().expect("a path of text");
    simulate(&[arguments, &["--json", path]].concat());
    let text = std::fs::read_to_string(path).expect("the runs were written down");
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

#[test]
fn a_pass_exits_with_0() {
    let output = simulate(&["0X::passes"]);
    assert_eq!(output.status.code(), Some(0), "{}", text_of(&output));
}

#[test]
fn a_failed_check_is_a_failure() {
    fails_as("0X::fails", "not as expected", "your program's output");
}

#[test]
fn a_thread_can_fail_a_test() {
    fails_as("0X::fails_in_a_thread", "a rule of Raft is broken", "chaos");
}

#[test]
fn a_panic_of_the_harness_is_its_fault() {
    has_no_verdict("0X::panics_in_a_thread", "out of luck");
}

#[test]
fn the_end_of_a_server_fails_the_test() {
    fails_as("0X::exits", "ended without a verdict", "exit code 0");
}

#[test]
fn servers_can_be_crashed() {
    let output = simulate(&["0X::crashes_servers"]);
    assert_eq!(output.status.code(), Some(0), "{}", text_of(&output));
}

#[test]
fn too_much_memory_is_stopped() {
    fails_as("0X::hoards", Class::Resource.describe(), "MiB");
}

#[test]
fn too_much_output_is_stopped() {
    fails_as("0X::floods", Class::Resource.describe(), "printed more");
}

#[test]
fn threads_that_all_wait_forever_are_a_deadlock() {
    fails_as("0X::sleeps", "deadlock", "every thread waits for another");
}

#[test]
fn a_judge_that_spins_is_a_fault() {
    has_no_verdict("0X::spins", "one of its threads never does");
}

#[test]
fn threads_that_run_without_end_are_a_livelock() {
    fails_as("0X::yields_forever", "livelock", "still at work");
}

#[test]
fn many_threads_are_no_problem() {
    let output = simulate(&["0X::starts_many_threads"]);
    assert_eq!(output.status.code(), Some(0), "{}", text_of(&output));
}

#[test]
fn what_depends_on_the_process_is_not_deterministic() {
    let output = simulate(&["0X::depends_on_its_process", "--check-determinism"]);
    let text = text_of(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("not deterministic"), "{text}");
    assert!(text.contains("sleeps until"), "{text}");
}

#[test]
fn what_depends_on_the_seed_is_deterministic() {
    let output = simulate(&[
        "0X::depends_on_the_schedule",
        "--seeds",
        "20",
        "--seed",
        "1",
        "--check-determinism",
    ]);
    let text = text_of(&output);
    assert!(!text.contains("not deterministic"), "{text}");
    assert!(text.contains(" of 20 pass"), "{text}");
}

#[test]
fn scenes_that_no_run_has_come_to_the_end_of_are_named() {
    let scenes = ["0X::leaves_scenes_out", "--seed", "1", "--seeds"];
    let text = text_of(&simulate(&[&scenes[..], &["5"]].concat()));
    assert!(
        text.contains("\n  0X::leaves_scenes_out at suite.rs:7: that a leader is deposed\n"),
        "{text}"
    );
    assert!(!text.contains("suite.rs:9"), "{text}");
    // So few seeds say little of chance.
    let text = text_of(&simulate(&[&scenes[..], &["4"]].concat()));
    assert!(!text.contains("suite.rs"), "{text}");
}

#[test]
fn a_failure_replays_with_any_number_of_jobs() {
    let all =
        records(&["0X::depends_on_the_schedule", "--seeds", "30", "--seed", "100", "--jobs", "4"]);
    assert_eq!(all.len(), 30);
    let failed = |record: &&Value| record["class"] != "pass";
    assert!(all.iter().any(|record| !failed(&record)), "some seeds pass");
    let failures: Vec<&Value> = all.iter().filter(failed).collect();
    assert!(!failures.is_empty(), "some seeds fail");
    for failure in failures.iter().take(3) {
        let seed = failure["seed"].as_str().expect("a seed is written as text");
        let again = &records(&["0X::depends_on_the_schedule", "--seed", seed])[0];
        for field in ["class", "seen", "virtual_seconds", "events", "hash"] {
            assert_eq!(again[field], failure[field], "{field}");
        }
    }
}

/// Whoever doubts a grade replays it on another machine, in another folder.
#[test]
fn a_run_does_not_depend_on_where_the_program_is() {
    let here = records(&["0X::depends_on_addresses", "--seeds", "20", "--seed", "1"]);
    let elsewhere = Path::new(env!("CARGO_TARGET_TMPDIR")).join("elsewhere".repeat(25));
    let _ = std::fs::remove_dir_all(&elsewhere);
    std::fs::create_dir_all(&elsewhere).expect("the disk is writable");
    std::fs::write(elsewhere.join("CACHEDIR.TAG"), "").expect("the disk is writable");
    let program = elsewhere.join("misbehave");
    std::fs::copy(env!("CARGO_BIN_EXE_misbehave"), &program).expect("the disk is writable");
    let log = elsewhere.join("records.json");
    let mut command = Command::new(program);
    command.args(["run", "--sim", "--exact", "0X::depends_on_addresses", "--seeds", "20"]);
    command.args(["--seed", "1", "--json"]).arg(&log).env("PADDING", "x".repeat(500));
    command.output().expect("the program starts");
    let text = std::fs::read_to_string(log).expect("the runs were written down");
    let mut there: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert_eq!(there.len(), here.len());
    there.sort_by_key(|record| record["seed"].to_string());
    let mut here = here;
    here.sort_by_key(|record| record["seed"].to_string());
    for (here, there) in here.iter().zip(&there) {
        for field in ["seed", "class", "events", "hash"] {
            assert_eq!(here[field], there[field], "{field} of {}", here["seed"]);
        }
    }
}

/// What plain `cargo test` does, with an environment.
fn plain(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_misbehave"));
    command.args(arguments).envs(environment.iter().copied()).env_remove("RUST_LOG");
    command.output().expect("the program starts")
}

#[test]
fn the_environment_asks_for_simulations_too() {
    let environment = [("LAB_SIM", "1"), ("LAB_SEEDS", "12"), ("LAB_SEED", "0x64")];
    let text = text_of(&plain(&["depends_on_the_schedule"], &environment));
    assert!(text.contains(" of 12 pass"), "{text}");
    assert!(text.contains("--sim --seed 0x"), "{text}");
}

#[test]
fn a_bad_variable_in_the_environment_is_named() {
    for (name, value) in [("LAB_SIM", "yes"), ("LAB_SEEDS", "0"), ("LAB_SEED", "x")] {
        let output = plain(&["passes"], &[(name, value)]);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains(name) && errors.contains(value), "{errors}");
    }
}

#[test]
fn a_trace_has_a_line_for_each_event() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("a-trace.txt");
    let path = path.to_str().expect("a path of text");
    let recorded = records(&["0X::depends_on_the_schedule", "--seed", "3", "--trace", path]);
    let lines = std::fs::read_to_string(path).expect("the trace was written").lines().count();
    let events = recorded[0]["events"].as_u64().expect("a number");
    // What comes after the verdict is in the trace as well.
    assert!(lines as u64 >= events && events > 10, "{lines} lines, {events} events");
}

#[test]
fn a_failed_run_leaves_a_page() {
    let text = text_of(&simulate(&["0X::fails", "--seed", "7"]));
    let line = text.lines().find_map(|line| line.strip_prefix("  picture  "));
    let path = line.unwrap_or_else(|| panic!("no page is named: {text}"));
    // The tests of a package run in its folder, and so does the program.
    let page = std::fs::read_to_string(path).expect("the page was written");
    assert!(page.contains("two and two are four") && page.contains("0X::fails"), "{page}");
}

#[test]
fn a_run_can_be_shown() {
    let events = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shown.jsonl");
    let mut command = Command::new(env!("CARGO_BIN_EXE_misbehave"));
    command.args(["show", "0X::passes", "--sim", "--seed", "9", "--events"]).arg(&events);
    let text = text_of(&command.output().expect("the program starts"));
    assert!(text.contains("  picture  "), "{text}");
    let events = std::fs::read_to_string(events).expect("the events were written");
    let first: Value =
        serde_json::from_str(events.lines().next().unwrap_or_default()).expect("an event is JSON");
    assert_eq!((&first["test"], &first["seed"]), (&"0X::passes".into(), &"0x9".into()));
}

#[test]
fn only_one_test_is_shown() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_misbehave"));
    let output = command.args(["show", "0X", "--sim"]).output().expect("the program starts");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("is the name of several tests"), "{error}");
    assert_eq!(output.status.code(), Some(2));
}

/// Runs the program with these arguments.
fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_misbehave"));
    command.args(arguments).output().expect("the program starts")
}

/// A seed with which the test fails.
fn failing_seed(test: &str) -> String {
    let all = records(&[test, "--seed", "1", "--seeds", "20"]);
    let failed = all.iter().find(|record| record["class"] != "pass");
    let seed = failed.and_then(|record| record["seed"].as_str());
    seed.expect("some seed fails").to_owned()
}

#[test]
fn only_what_a_failure_needs_is_left_to_chance() {
    let test = "0X::depends_on_the_schedule";
    let case = Path::new(env!("CARGO_TARGET_TMPDIR")).join("smallest.case");
    let case = case.to_str().expect("a path of text");
    let seed = failing_seed(test);
    let text = text_of(&program(&["shrink", test, "--seed", &seed, "--output", case]));
    assert!(text.contains("by chance") && text.contains("  picture  "), "{text}");
    let code = std::fs::read_to_string(case).expect("the case was written");
    // The two threads fall asleep in the first millisecond.
    assert!(code.trim_end().ends_with("/tester:0-1"), "{code}");
    for _ in 0..20 {
        assert_eq!(simulate(&[test, "--case", case]).status.code(), Some(1));
    }
    let plain = code.replace("tester:0-1", "plain");
    assert_eq!(simulate(&[test, "--case", plain.trim()]).status.code(), Some(0));
}

#[test]
fn a_failure_that_needs_no_chance_is_shown_without() {
    let text = text_of(&program(&["shrink", "0X::fails", "--seed", "7"]));
    assert!(text.contains("/plain") && text.contains("hardly depends on chance"), "{text}");
}

#[test]
fn the_first_failure_of_many_seeds_names_a_smaller_run() {
    let text = text_of(&simulate(&["0X::fails", "--seed", "7", "--seeds", "3"]));
    let command = "  again    cargo lab run --exact 0X::fails --sim --case ";
    assert_eq!(text.matches(command).count(), 1, "{text}");
    let first = "  first    cargo lab run --exact 0X::fails --sim --seed ";
    assert_eq!(text.matches(first).count(), 1, "{text}");
}

#[test]
fn a_run_that_passes_cannot_be_made_smaller() {
    let output = program(&["shrink", "0X::passes", "--seed", "7"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("0X::passes passes with seed 0x7"), "{error}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_case_that_is_none_is_refused() {
    for (case, named) in [("17/server-0:9", "\"9\""), ("x/plain", "\"x\""), ("17/", "part")] {
        let output = simulate(&["0X::passes", "--case", case]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(named), "{error}");
        assert_eq!(output.status.code(), Some(2));
    }
}
