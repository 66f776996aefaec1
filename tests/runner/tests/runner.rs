//! The runner gives the right verdict, whatever a test does.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use runner::Class;

fn misbehave(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_misbehave"));
    command.args(arguments).env_remove("LAB_SEED").env_remove("RUST_LOG");
    command.output().expect("the program starts")
}

/// What a run prints, with all times masked.
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
        "0X passes .................... ok   #s 3 peers    62 rpcs  15.1 kB   4 commits\n\
         \n0X: 1 of 1 passed   in # s\n1 passed, 0 failed"
    );
    assert_eq!(code, Some(0));
}

/// What a failure on the clock says of simulations, where there are any.
fn more() -> &'static str {
    if sim::available().is_ok() {
        "  more     cargo lab run --exact 0X::fails --sim --seeds 100\n           \
                    each seed replays there, and a failure shows the messages\n"
    } else {
        ""
    }
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
           last events\n     \
              #s  the last event\n\
         \n  \
           your program's output\n  \
           a line of the submission\n\
         \n  \
           again    cargo lab run --exact 0X::fails --seed 0x1f\n"
            .to_owned()
            + more()
            + "\n\n0X: 0 of 1 passed   in # s\n0 passed, 1 failed"
    );
    assert_eq!(code, Some(1));
}

#[test]
fn the_command_that_runs_a_test_again_is_one_line() {
    let name = "0X::fails_under_a_name_that_leaves_no_room_for_anything_else_on_a_line_of_text";
    let (text, _) = report(&["run", "--exact", name, "--seed", "0x1f"]);
    let again = format!("  again    cargo lab run --exact {name} --seed 0x1f");
    assert!(text.lines().any(|line| line == again), "{text}");
    let is_short = |line: &str| line.contains(name) || line.chars().count() <= 78;
    assert!(text.lines().skip(1).all(is_short), "{text}");
}

#[test]
fn a_series_names_its_failures_in_one_block() {
    let options = ["-n", "4", "--seed", "0x1f", "--jobs=1"];
    let (text, code) = report(&[&["run", "--exact", "0X::fails"][..], &options].concat());
    let expected = "0X fails ..................... FAILED    0 of 4 pass   0.0-49.0 %   #s each\n\
                    \x20                                        4 x not as expected\n  \
                      also not as expected\n    \
                        cargo lab run --exact 0X::fails --seed 0x20\n";
    assert!(text.contains(expected), "{text}");
    for seed in ["0x1f", "0x20", "0x21", "0x22"] {
        let command = format!("cargo lab run --exact 0X::fails --seed {seed}\n");
        assert_eq!(text.matches(&command).count(), 1, "{text}");
    }
    assert_eq!(code, Some(1));
}

#[test]
fn a_thread_can_fail_a_test_that_hangs() {
    let (class, seen) = failure("0X::fails_in_a_thread");
    assert_eq!((class.as_str(), seen.as_str()), ("a rule of Raft is broken", "chaos"));
}

#[test]
fn a_panic_in_any_thread_fails_the_test() {
    // No code of a submission runs in the judge, so the harness failed, as the exit code says.
    let (text, code) = report(&["run", "--exact", "0X::panics_in_a_thread"]);
    assert!(text.contains(Class::Fault.describe()), "{text}");
    assert!(text.contains("out of luck"), "{text}");
    assert_eq!(code, Some(4));
}

#[test]
fn a_test_that_never_ends_is_out_of_time() {
    let (class, seen) = failure("0X::sleeps");
    assert_eq!((class.as_str(), seen.as_str()), ("out of time", "it is still running"));
}

#[test]
fn the_end_of_a_server_fails_the_test() {
    let (class, seen) = failure("0X::exits");
    assert_eq!(class, "ended without a verdict");
    assert_eq!(seen, "its process ended with exit code 0");
    let (class, seen) = failure("0X::aborts");
    assert_eq!(class, "ended without a verdict");
    assert!(seen.contains("signal 6 (abort)"), "{seen}");
}

#[test]
fn a_judge_without_a_verdict_is_a_fault() {
    for (test, sign) in [("0X::judge_ends", "exit code 0"), ("0X::judge_dies", "signal 6")] {
        let (text, code) = report(&["run", "--exact", test]);
        assert!(text.contains("the harness failed") && text.contains(sign), "{text}");
        assert_eq!(code, Some(4));
    }
}

#[test]
fn too_much_memory_or_output_is_stopped() {
    assert_eq!(failure("0X::hoards").0, Class::Resource.describe());
    assert_eq!(failure("0X::floods").0, Class::Resource.describe());
    let (class, seen) = failure("0X::spawns_without_end");
    assert_eq!(class, Class::Resource.describe());
    assert!(seen.starts_with("server 0 has "), "{seen}");
}

#[test]
fn a_server_that_hangs_up_and_runs_on_is_killed() {
    let (class, seen) = failure("0X::hangs_up");
    assert_eq!(class, Class::Tampered.describe());
    assert!(seen.contains("its process ran on"), "{seen}");
}

#[test]
fn an_explainer_that_hangs_does_not_hold_up_the_verdict() {
    assert_eq!(failure("0X::explains_forever").1, "none");
}

#[test]
fn nothing_that_a_test_has_started_lives_on() {
    let (text, code) = report(&["run", "--exact", "0X::leaves_a_process"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(!is_running("sleep 4242"), "the process lives on");
}

#[test]
fn a_test_may_have_many_threads() {
    let (text, code) = report(&["run", "--exact", "0X::starts_many_threads"]);
    assert_eq!(code, Some(0), "{text}");
}

/// Interrupts a run of `passes` and `sleeps` while the latter runs.
fn interrupt_while_sleeping(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_misbehave"));
    command.args(["run", "--exact", "0X::passes", "0X::sleeps", "0X::exits", "--jobs=1"]);
    let runner = command.args(arguments).stdout(Stdio::piped()).spawn();
    let mut runner = runner.expect("the program starts");
    let mut output = BufReader::new(runner.stdout.take().expect("it is piped"));
    let mut text = String::new();
    output.read_line(&mut text).expect("the first test passes");
    thread::sleep(Duration::from_millis(500));
    let id = runner.id().to_string();
    Command::new("kill").args(["-INT", &id]).status().expect("kill is there");
    let begun = Instant::now();
    output.read_to_string(&mut text).expect("a report is text");
    let status = runner.wait().expect("it ends");
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(status.code(), Some(130), "{text}");
    text
}

#[test]
fn an_interrupted_test_has_neither_passed_nor_failed() {
    let path = std::env::temp_dir().join(format!("interrupted-{}.json", std::process::id()));
    let text = interrupt_while_sleeping(&["--json", path.to_str().expect("a plain path")]);
    assert!(text.contains("\ninterrupted; these tests were running: 0X::sleeps\n"), "{text}");
    assert!(text.contains("\n0X: 1 of 1 passed "), "{text}");
    assert!(text.ends_with("1 passed, 0 failed\n"), "{text}");
    assert!(!text.contains("FAILED"), "{text}");
    let log = std::fs::read_to_string(&path).expect("it was written");
    std::fs::remove_file(&path).expect("it is there");
    let classes: Vec<serde_json::Value> = log
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line is JSON"))
        .map(|record| record["class"].clone())
        .collect();
    assert_eq!(classes, ["pass", "interrupted"]);
}

#[test]
fn an_interrupted_series_shows_the_runs_that_have_ended() {
    let text = interrupt_while_sleeping(&["-n", "3"]);
    assert!(text.contains("3 of 3 pass"), "{text}");
    assert!(text.contains("no failure in 3 runs"), "{text}");
    assert!(text.contains("\ninterrupted; these tests were running: 0X::sleeps\n"), "{text}");
    assert!(text.ends_with("3 passed, 0 failed\n"), "{text}");
    assert!(!text.contains("FAILED"), "{text}");
}

/// Runs the test in which a server waits for its end, and calls `kill` with the numbers of the processes of
/// the runner, the judge and the server. Returns what the runner has printed and its exit code.
#[cfg(target_os = "linux")]
fn kill_one(kill: impl Fn([u32; 3]) -> u32) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_misbehave"));
    command.args(["run", "--exact", "0X::waits_for_a_kill", "--nocapture"]).stdout(Stdio::piped());
    let mut runner = command.spawn().expect("the program starts");
    let mut output = BufReader::new(runner.stdout.take().expect("it is piped"));
    let mut line = String::new();
    output.read_line(&mut line).expect("the server tells its number");
    let server: u32 = line.trim().parse().expect("a number");
    let stat = std::fs::read_to_string(format!("/proc/{server}/stat")).expect("it runs");
    // All processes of a run are in the group that the judge leads.
    let group = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(2));
    let judge = group.and_then(|group| group.parse().ok()).expect("a number");
    let killed = kill([runner.id(), judge, server]).to_string();
    Command::new("kill").args(["-KILL", &killed]).status().expect("kill is there");
    let mut text = String::new();
    output.read_to_string(&mut text).expect("a report is text");
    let status = runner.wait().expect("it ends");
    let begun = Instant::now();
    for process in [judge, server] {
        while std::path::Path::new(&format!("/proc/{process}")).exists() {
            assert!(begun.elapsed() < Duration::from_secs(10), "process {process} lives on");
            thread::sleep(Duration::from_millis(10));
        }
    }
    (text, status.code())
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_is_killed_from_outside_is_a_fault() {
    let (text, code) = kill_one(|[_, _, server]| server);
    assert!(text.contains("was killed by something else"), "{text}");
    assert_eq!(code, Some(4), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_judge_that_is_killed_is_a_fault() {
    let (text, code) = kill_one(|[_, judge, _]| judge);
    assert!(text.contains("its process was killed by signal 9"), "{text}");
    assert_eq!(code, Some(4), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn judge_and_servers_end_with_the_runner() {
    assert_eq!(kill_one(|[runner, ..]| runner).1, None);
}

#[test]
fn filters_skips_and_exact_names_select_tests() {
    let list = |arguments: &[&str]| {
        let output = misbehave(arguments);
        String::from_utf8(output.stdout).expect("a list is text")
    };
    assert_eq!(
        list(&["--list", "--format", "terse", "fails", "--skip", "under"]),
        "0X::fails: test\n0X::fails_in_a_thread: test\n"
    );
    assert_eq!(list(&["--list", "--format", "terse", "--exact", "0X::fails"]), "0X::fails: test\n");
    assert_eq!(
        list(&["--list", "--format", "terse", "fails", "--skip", "thread", "--skip", "under"]),
        "0X::fails: test\n"
    );
    assert_eq!(
        list(&["--list", "--format", "terse", "passes", "aborts"]),
        "0X::passes: test\n0X::aborts: test\n"
    );
    assert_eq!(list(&["--list", "--ignored", "--format", "terse"]), "");
    assert!(list(&["list", "aborts"]).starts_with("\n0X\n\n0X::aborts\n"));
}

#[test]
fn help_fits_a_terminal_and_says_how_many_tests_run_at_once() {
    for arguments in [&["--help"][..], &["run", "--help"], &["list", "--help"]] {
        let output = misbehave(arguments);
        let text = String::from_utf8(output.stdout).expect("help is text");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        if arguments[0] == "run" {
            let words: Vec<&str> = text.split_whitespace().collect();
            let default = "[default: 4 per processor, or 1 per processor with --sim]";
            assert!(words.join(" ").contains(default), "{text}");
        }
    }
}

#[test]
fn bad_arguments_are_named() {
    let complaint = |arguments: &[&str]| {
        let output = misbehave(arguments);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("an error is text")
    };
    assert!(complaint(&["run", "9Z"]).contains("no test matches \"9Z\"; the stages are 0X"));
    assert!(complaint(&["run", "--seed", "abc"]).contains("\"abc\" is not a seed"));
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
fn runs_without_a_failure_bound_the_failure_rate() {
    let (text, code) = report(&["run", "--exact", "0X::passes", "-n", "5"]);
    assert_eq!(code, Some(0), "{text}");
    let claim = "no failure in 5 runs: each test fails in at most 43.4 % (95 % confidence)";
    assert!(text.contains(claim), "{text}");
    assert!(text.contains("5 of 5 pass 56.6-100.0 %"), "{text}");
}

#[test]
fn until_fail_stops_at_the_first_failure() {
    let (text, code) =
        report(&["run", "--exact", "0X::fails", "-n", "50", "--until-fail", "--jobs=1"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("always fails: 0X::fails"), "{text}");
    // The next one may have begun by then.
    assert!(text.contains("0 of 1 pass") || text.contains("0 of 2 pass"), "{text}");
}
