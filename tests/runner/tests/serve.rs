//! What the runner sends to graders, and how it confines the processes of tests for them.

#![cfg(target_os = "linux")]

use std::io::Write;
use std::process::{Command, Stdio};

use records::{Class, Clock, Greeting, Order, Record, Seed};

/// Orders runs of these tests, one after the other.
fn serve(tests: &[&str]) -> (Greeting, Vec<Record>) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_misbehave"))
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut orders = server.stdin.take().expect("it is piped");
    for test in tests {
        let order = Order { test: format!("0X::{test}"), seed: Seed(9), clock: Clock::Real };
        let line = serde_json::to_string(&order).expect("an order is JSON");
        writeln!(orders, "{line}").expect("it listens");
    }
    drop(orders);
    let output = server.wait_with_output().expect("it ends");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("JSON is text");
    let (greeting, records) = text.split_once('\n').expect("there is a greeting");
    let parse = |line| serde_json::from_str(line).expect("a line is a record");
    (
        serde_json::from_str(greeting).expect("it is a greeting"),
        records.lines().map(parse).collect(),
    )
}

#[test]
fn each_order_gets_a_record_with_its_cost() {
    let (_, records) = serve(&["passes", "fails", "passes"]);
    let classes: Vec<Class> = records.iter().map(|record| record.class).collect();
    assert_eq!(classes, [Class::Pass, Class::Assertion, Class::Pass]);
    assert_eq!(records[1].printed, "a line of the submission\n");
    assert_eq!(records[2].seed, Seed(9));
    assert!(records[0].cpu_seconds.is_some_and(|seconds| seconds < 1.0));
    assert!(records[0].peak_memory.is_some_and(|bytes| bytes > 1 << 20));
}

#[test]
fn a_submission_cannot_reach_the_system() {
    let (greeting, records) =
        serve(&["starts_a_process", "uses_the_network", "leaves_a_process", "reads_a_file"]);
    if greeting.layers.is_empty() {
        eprintln!("not checked: {}", greeting.missing);
        return;
    }
    for record in &records[..3] {
        assert_eq!(record.class, Class::Forbidden, "{record:?}");
    }
    assert_eq!(
        (records[3].class, records[3].seen.as_str()),
        (Class::Assertion, "permission denied")
    );
}

#[test]
fn a_test_that_starts_threads_without_end_is_stopped() {
    let (_, records) = serve(&["spawns_without_end"]);
    assert_eq!(records[0].class, Class::Resource, "{:?}", records[0]);
}

#[test]
fn an_order_that_cannot_be_read_is_refused() {
    let mut command = Command::new("sh");
    let script = format!("echo nonsense | {} serve", env!("CARGO_BIN_EXE_misbehave"));
    let output = command.args(["-c", &script]).output().expect("the shell starts");
    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(complaint.contains("\"nonsense\" is not an order"), "{complaint}");
}
