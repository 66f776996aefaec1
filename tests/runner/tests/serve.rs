//! What the runner sends to graders, and how it confines the processes of a submission for them.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use records::{Class, Clock, Greeting, Order, Record, SEED_PLACE, Seed};

/// A running program that takes orders.
struct Server {
    process: Child,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    greeting: Greeting,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_misbehave"))
            .arg("serve")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let orders = process.stdin.take().expect("it is piped");
        let output = process.stdout.take().expect("it is piped");
        let mut answers = BufReader::new(output).lines();
        let greeting = answers.next().expect("it greets").expect("it sends text");
        let greeting = serde_json::from_str(&greeting).expect("it is a greeting");
        Server { process, orders, answers, greeting }
    }

    /// Orders a run, and waits for its record.
    fn run(&mut self, test: &str, clock: Clock) -> Record {
        self.carry_out(&Order {
            test: format!("0X::{test}"),
            seed: Seed(9),
            clock,
            recording: false,
        })
    }

    /// Orders a run, and a recording of it.
    fn record(&mut self, test: &str, clock: Clock) -> Record {
        self.carry_out(&Order {
            test: format!("0X::{test}"),
            seed: Seed(9),
            clock,
            recording: true,
        })
    }

    fn carry_out(&mut self, order: &Order) -> Record {
        let line = serde_json::to_string(order).expect("an order is JSON");
        writeln!(self.orders, "{line}").expect("it listens");
        let answer = self.answers.next().expect("it answers").expect("it sends text");
        serde_json::from_str(&answer).expect("a line is a record")
    }

    /// How many descriptors it has, and which processes it has started.
    fn holds(&self) -> (usize, String) {
        let process = format!("/proc/{}", self.process.id());
        let descriptors = std::fs::read_dir(format!("{process}/fd")).expect("it runs").count();
        let children = format!("{process}/task/{}/children", self.process.id());
        (descriptors, std::fs::read_to_string(children).expect("it runs"))
    }

    fn end(self) {
        drop(self.orders);
        let mut process = self.process;
        assert!(process.wait().expect("it is ours").success());
    }
}

/// Orders runs of these tests, one after the other.
fn serve(tests: &[&str]) -> (Greeting, Vec<Record>) {
    let mut server = Server::start(&[]);
    let records = tests.iter().map(|test| server.run(test, Clock::Real)).collect();
    let greeting = server.greeting.clone();
    server.end();
    (greeting, records)
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
fn what_passed_runs_print_is_sent_on_demand() {
    let printed = |arguments: &[&str]| {
        let mut server = Server::start(arguments);
        let record = server.run("talks", Clock::Real);
        server.end();
        record.printed
    };
    assert_eq!(printed(&[]), "");
    assert_eq!(printed(&["--printed"]), "a line of a test that is well\n");
}

#[test]
fn what_servers_use_is_part_of_the_cost() {
    let (_, records) = serve(&["hoards"]);
    assert_eq!(records[0].class, Class::Resource, "{:?}", records[0]);
    assert!(records[0].peak_memory.is_some_and(|bytes| bytes > 512 << 20), "{:?}", records[0]);
    // Filling so much memory takes longer than the judge takes.
    assert!(records[0].cpu_seconds.is_some_and(|seconds| seconds > 0.03), "{:?}", records[0]);
}

#[test]
fn a_recorded_run_is_the_same_and_has_a_page_without_the_seed() {
    let mut server = Server::start(&[]);
    for (test, clock) in
        [("fails", Clock::Real), ("fails", Clock::Sim), ("starts_many_threads", Clock::Sim)]
    {
        let run = server.run(test, clock);
        let recorded = server.record(test, clock);
        assert_eq!(run.page, None);
        if clock == Clock::Sim {
            assert_eq!(recorded.page, server.record(test, clock).page);
        }
        assert_eq!((run.class, &run.simulated), (recorded.class, &recorded.simulated));
        let page = recorded.page.unwrap_or_default();
        assert!(page.contains(&run.expected) || run.class == Class::Pass, "{run:?}");
        assert!(page.contains(&format!("<code>{SEED_PLACE}</code>")) && !page.contains("0x9<"));
    }
    server.end();
}

#[test]
fn servers_forge_nothing_in_a_recording_and_hold_nobody_up() {
    let mut server = Server::start(&[]);
    for clock in [Clock::Real, Clock::Sim] {
        let run = server.run("hears_forgers", clock);
        let recorded = server.record("hears_forgers", clock);
        assert_eq!(run.class, Class::Assertion, "{run:?}");
        assert_eq!((run.class, run.simulated), (recorded.class, recorded.simulated));
        let page = recorded.page.unwrap_or_default();
        for sign in ["two and two are four", "after the flood", "own words", "server-1"] {
            assert!(page.contains(sign), "{sign}");
        }
        assert!(!page.contains("forged") && !page.contains("<script>alert"));
        assert!(page.len() < 4 << 20, "{}", page.len());
    }
    server.end();
}

#[test]
fn servers_leave_no_process_and_no_descriptor() {
    let mut server = Server::start(&[]);
    server.run("passes", Clock::Real);
    let before = server.holds();
    for clock in [Clock::Real, Clock::Sim] {
        let record = server.run("crashes_servers", clock);
        assert_eq!(record.class, Class::Pass, "{record:?}");
    }
    assert_eq!(server.holds(), before);
    assert_eq!(before.1, "", "processes");
    server.end();
}

#[test]
fn servers_can_be_processes_of_another_program() {
    let mut server = Server::start(&["--program", "/bin/true"]);
    let record = server.run("aborts", Clock::Real);
    assert_eq!(record.seen, "its process ended with exit code 0", "{record:?}");
    server.end();
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_misbehave"));
    let output = command.args(["serve", "--program", "/nowhere/lab"]).output();
    let output = output.expect("the program starts");
    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(complaint.contains("/nowhere/lab"), "{complaint}");
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
    assert_eq!(records[3].printed, "permission denied\n", "{:?}", records[3]);
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
