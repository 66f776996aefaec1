//! The runner judges by evidence, whatever a test does.

use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

fn misbehave(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_misbehave"));
    command.args(arguments).env_remove("LAB_SEED").env_remove("RUST_LOG");
    command.output().expect("the program starts")
}

/// What a run prints, with times made equal.
fn report(arguments: &[&str]) -> (String, Option<i32>) {
    let output = misbehave(arguments);
    let text = String::from_utf8(output.stdout).expect("a report is text");
    let mask = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let is_time =
            |word: &str| word.ends_with('s') && word.trim_end_matches('s').parse::<f64>().is_ok();
        let masked: Vec<&str> =
            words.iter().map(|word| if is_time(word) { "#s" } else { *word }).collect();
        match masked.join(" ").split_once("in ") {
            Some((stages, time)) if time.ends_with(" s") => format!("{stages}in # s"),
            _ => masked.join(" "),
        }
    };
    let masked: Vec<String> = text.lines().map(mask).collect();
    (masked.join("\n"), output.status.code())
}

/// The verdict in words and what was seen, for a test that fails.
fn failure(test: &str) -> (String, String) {
    let (text, code) = report(&["run", "--exact", test]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.ends_with("0 passed, 1 failed"), "{text}");
    let class = text.lines().next().and_then(|line| line.split("#s   ").nth(1));
    let seen = text.lines().find_map(|line| line.strip_prefix("  seen     "));
    (class.unwrap_or_default().to_owned(), seen.unwrap_or_default().to_owned())
}

#[test]
fn a_pass_is_one_line() {
    let (text, code) = report(&["run", "--exact", "0X::passes"]);
    assert_eq!(
        text,
        "0X passes .................... ok   #s 3 peers    62 rpcs  15.1 kB    4 commits\n\
         \n0X: 1 of 1 passed   in # s\n1 passed, 0 failed"
    );
    assert_eq!(code, Some(0));
}

#[test]
fn a_failure_says_all_that_is_known_and_how_to_run_it_again() {
    let (text, code) = report(&["run", "--exact", "0X::fails", "--seed", "0x1f"]);
    assert_eq!(
        text,
        "0X fails ..................... FAILED   #s   not as expected\n  \
           expected two and two are four\n  \
           seen     five\n\
         \n  \
           server  term\n  \
           0          7\n\
         \n  \
           printed by the submission\n  \
           a line of the submission\n\
         \n  \
           again    cargo lab run --exact 0X::fails --seed 0x1f\n\
         \n\
         \n0X: 0 of 1 passed   in # s\n0 passed, 1 failed"
    );
    assert_eq!(code, Some(1));
}

#[test]
fn a_thread_can_fail_a_test_that_hangs() {
    let (class, seen) = failure("0X::fails_in_a_thread");
    assert_eq!((class.as_str(), seen.as_str()), ("a rule of Raft is broken", "chaos"));
}

#[test]
fn a_panic_in_any_thread_fails_the_test() {
    // This panic is in a file of the tests: it is their fault, and the exit code says so.
    let (text, code) = report(&["run", "--exact", "0X::panics_in_a_thread"]);
    assert!(text.contains("fault of the tests, not of the submission"), "{text}");
    assert!(text.contains("out of luck"), "{text}");
    assert_eq!(code, Some(4));
}

#[test]
fn a_test_that_never_ends_is_out_of_time() {
    let (class, seen) = failure("0X::sleeps");
    assert_eq!((class.as_str(), seen.as_str()), ("out of time", "it is still running"));
}

#[test]
fn an_exit_without_a_verdict_is_no_pass() {
    let (class, seen) = failure("0X::exits");
    assert_eq!(class, "ended without a verdict");
    assert_eq!(seen, "the process ended with exit code 0 before that");
    let (class, seen) = failure("0X::aborts");
    assert_eq!(class, "ended without a verdict");
    assert!(seen.contains("signal 6"), "{seen}");
}

#[test]
fn greed_is_stopped() {
    assert_eq!(failure("0X::hoards").0, "too much memory or output");
    assert_eq!(failure("0X::floods").0, "too much memory or output");
}

#[test]
fn a_record_without_the_key_is_no_pass() {
    assert_eq!(failure("0X::writes_to_its_socket").0, "the verdict was tampered with");
}

#[test]
fn an_explainer_that_hangs_does_not_hold_up_the_verdict() {
    assert_eq!(failure("0X::explains_for_ever").1, "none");
}

#[test]
fn nothing_that_a_test_has_started_lives_on() {
    let (text, code) = report(&["run", "--exact", "0X::leaves_a_process"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(!is_running("sleep 4242"), "the process lives on");
}

#[test]
fn many_threads_are_no_fault() {
    let (text, code) = report(&["run", "--exact", "0X::starts_many_threads"]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn an_interrupt_ends_all_with_a_verdict() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_misbehave"));
    let runner =
        command.args(["run", "sleeps", "exits", "--jobs=1"]).stdout(Stdio::piped()).spawn();
    let runner = runner.expect("the program starts");
    thread::sleep(Duration::from_millis(500));
    let id = runner.id().to_string();
    Command::new("kill").args(["-INT", &id]).status().expect("kill is there");
    let begun = Instant::now();
    let output = runner.wait_with_output().expect("it ends");
    let text = String::from_utf8(output.stdout).expect("a report is text");
    assert_eq!(output.status.code(), Some(130), "{text}");
    assert!(text.contains("interrupted"), "{text}");
    assert!(text.ends_with("0 passed, 1 failed\n"), "{text}");
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[test]
fn a_test_ends_with_its_runner() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_misbehave"));
    let runner = command.args(["run", "sleeps"]).stdout(Stdio::null()).spawn();
    let mut runner = runner.expect("the program starts");
    thread::sleep(Duration::from_millis(500));
    let children = format!("/proc/{0}/task/{0}/children", runner.id());
    let child = std::fs::read_to_string(children).unwrap_or_default().trim().to_owned();
    runner.kill().expect("it runs");
    runner.wait().expect("it ends");
    let begun = Instant::now();
    while !child.is_empty() && std::path::Path::new(&format!("/proc/{child}")).exists() {
        assert!(begun.elapsed() < Duration::from_secs(1), "process {child} lives on");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn filters_skips_and_exact_names_select_tests() {
    let list = |arguments: &[&str]| {
        let output = misbehave(arguments);
        String::from_utf8(output.stdout).expect("a list is text")
    };
    assert_eq!(
        list(&["--list", "--format", "terse", "fails"]),
        "0X::fails: test\n0X::fails_in_a_thread: test\n"
    );
    assert_eq!(list(&["--list", "--format", "terse", "--exact", "0X::fails"]), "0X::fails: test\n");
    assert_eq!(
        list(&["--list", "--format", "terse", "fails", "--skip", "thread"]),
        "0X::fails: test\n"
    );
    assert_eq!(list(&["--list", "--ignored", "--format", "terse"]), "");
    assert!(list(&["list", "aborts"]).starts_with("0X::aborts\n"));
}

#[test]
fn bad_arguments_are_named() {
    let complaint = |arguments: &[&str]| {
        let output = misbehave(arguments);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("an error is text")
    };
    assert!(complaint(&["run", "9Z"]).contains("no test matches \"9Z\"; the stages are 0X"));
    assert!(complaint(&["run", "--seed", "abc"]).contains("\"abc\" is no seed"));
    assert!(
        complaint(&["run", "--json", "/nowhere/at/all"])
            .contains("cannot write to /nowhere/at/all")
    );
}

#[test]
fn the_json_file_has_a_line_for_each_test() {
    let path = std::env::temp_dir().join(format!("runner-{}.json", std::process::id()));
    let name = path.to_str().expect("a plain path");
    misbehave(&[
        "run",
        "--exact",
        "0X::passes",
        "0X::fails",
        "--jobs=1",
        "--seed=31",
        "--json",
        name,
    ]);
    let text = std::fs::read_to_string(&path).expect("it was written");
    std::fs::remove_file(&path).expect("it is there");
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["class"], &lines[0]["rpcs"]), (&"pass".into(), &62.into()));
    assert_eq!((&lines[1]["class"], &lines[1]["seen"]), (&"assertion".into(), &"five".into()));
    assert_eq!((&lines[1]["test"], &lines[1]["seed"]), (&"0X::fails".into(), &"0x1f".into()));
}

fn is_running(command: &str) -> bool {
    let found = Command::new("pgrep").args(["-f", command]).output();
    found.is_ok_and(|output| !output.stdout.is_empty())
}

#[test]
fn clean_runs_prove_so_much_and_no_more() {
    let (text, code) = report(&["run", "--exact", "0X::passes", "-n", "5"]);
    assert_eq!(code, Some(0), "{text}");
    let claim = "no failure in 5 runs: each test fails in at most 43.4 % (95 % confidence)";
    assert!(text.contains(claim), "{text}");
    assert!(text.contains("5 of 5 pass  56.6-100.0 %"), "{text}");
}

#[test]
fn the_first_failure_can_end_it_all() {
    let (text, code) =
        report(&["run", "--exact", "0X::fails", "-n", "50", "--until-fail", "--jobs=1"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("broken, never passes: 0X::fails"), "{text}");
    // The next one may have begun by then.
    assert!(text.contains("0 of 1 pass") || text.contains("0 of 2 pass"), "{text}");
}
