//! Tests whose servers misbehave as submissions might, for the tests of the runner.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, ExitCode, abort, exit};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use recording::{Claim, Event, Moment, Raw, line};
use runner::case::{Case, Run, Summary, Work};
use runner::nodes::{self, NodeEnd};
use runner::{
    Class, Explanation, Failure, Happening, Unplayed, fail, note_unplayed, on_failure, record,
};

const SUMMARY: Summary =
    Summary { seconds: 1.5, peers: 3, rpcs: 62, bytes: 15_100, work: Work::Commits(4) };

const fn case(name: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case {
        stage: "0X",
        name,
        title: "misbehaves",
        limit: Duration::from_secs(2),
        optional: false,
        run,
    }
}

/// A case that may take as long as the machine needs.
const fn with_long_limit(case: Case) -> Case {
    Case { limit: Duration::from_secs(100), ..case }
}

const CASES: &[Case] = &[
    case("passes", |_| SUMMARY),
    case("talks", |_| {
        println!("a line of a test that is well");
        SUMMARY
    }),
    case("fails", |_| {
        on_failure(|| Explanation {
            state: "server  term\n0          7\n".to_owned(),
            events: "   0.000s  the last event\n".to_owned(),
        });
        println!("a line of the submission");
        fail(Failure::new(Class::Assertion, "two and two are four".to_owned(), "five".to_owned()))
    }),
    case("fails_under_a_name_that_leaves_no_room_for_anything_else_on_a_line_of_text", |_| {
        fail(Failure::new(Class::Assertion, "a short name".to_owned(), "many words ".repeat(20)))
    }),
    case("fails_in_a_thread", |_| {
        thread::spawn(|| {
            fail(Failure::new(Class::Invariant, "order".to_owned(), "chaos".to_owned()))
        });
        sleep_forever()
    }),
    case("panics_in_a_thread", |_| {
        thread::spawn(|| panic!("out of luck"));
        sleep_forever()
    }),
    case("leaves_scenes_out", |run| {
        let leave_out = |scene: &str, step: &str| {
            note_unplayed(Unplayed { scene: scene.to_owned(), step: step.to_owned() });
        };
        leave_out("suite.rs:7", "a leader is deposed");
        if run.seed.to_string().ends_with('3') {
            leave_out("suite.rs:9", "a vote is late");
        }
        SUMMARY
    }),
    case("sleeps", |_| sleep_forever()),
    case("judge_ends", |_| {
        println!("test result: ok. 4 passed; 0 failed");
        exit(0)
    }),
    case("judge_dies", |_| abort()),
    case("explains_forever", |_| {
        on_failure(sleep_forever);
        fail(Failure::new(Class::Assertion, "an end".to_owned(), "none".to_owned()))
    }),
    case("spins", |_| {
        while !NEVER.load(Ordering::Relaxed) {
            std::hint::spin_loop();
        }
        SUMMARY
    }),
    case("yields_forever", |_| {
        thread::spawn(|| {
            loop {
                thread::sleep(Duration::from_millis(1));
            }
        });
        loop {
            thread::yield_now();
        }
    }),
    case("depends_on_its_process", |_| {
        thread::sleep(Duration::from_millis(u64::from(std::process::id())));
        SUMMARY
    }),
    case("depends_on_addresses", |_| {
        let blocks: Vec<Vec<u8>> = (4..12).map(|class| Vec::with_capacity(1 << class)).collect();
        let on_the_stack = 0u8;
        let own = [&raw const on_the_stack, (&raw const LAST).cast()];
        for address in blocks.iter().map(Vec::as_ptr).chain(own) {
            thread::sleep(Duration::from_micros(address.addr() as u64 % 1_000_000));
        }
        SUMMARY
    }),
    case("depends_on_the_schedule", |run| {
        let threads = [1, 2].map(|number| {
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(1));
                LAST.store(number, Ordering::Relaxed);
            })
        });
        for thread in threads {
            thread.join().expect("it does not panic");
        }
        if LAST.load(Ordering::Relaxed) == 1 {
            let seen = format!("with seed {}", run.seed);
            fail(Failure::new(Class::Assertion, "the second comes last".to_owned(), seen));
        }
        SUMMARY
    }),
    case("starts_many_threads", |_| {
        let threads: Vec<_> = (0..500).map(|_| thread::spawn(thread::park)).collect();
        assert_eq!(threads.len(), 500);
        SUMMARY
    }),
    case("exits", |_| end_of_server("exits")),
    case("aborts", |_| end_of_server("aborts")),
    with_long_limit(case("hoards", |_| end_of_server("hoards"))),
    with_long_limit(case("floods", |_| end_of_server("floods"))),
    with_long_limit(case("spawns_without_end", |_| end_of_server("spawns_without_end"))),
    case("starts_a_process", |_| end_of_server("starts_a_process")),
    case("uses_the_network", |_| end_of_server("uses_the_network")),
    case("reads_a_file", |_| end_of_server("reads_a_file")),
    case("leaves_a_process", |_| {
        let mut server = Server::start(0, "leaves_a_process");
        if server.line() == "true" { SUMMARY } else { server.end() }
    }),
    with_long_limit(case("crashes_servers", |_| {
        for number in 0..200 {
            let mut server = Server::start(number, "answers");
            assert_eq!(server.line(), "here");
            nodes::kill(number);
            if number % 10 == 0 {
                assert_eq!(nodes::end_of(number), NodeEnd::Killed);
            }
        }
        SUMMARY
    })),
    with_long_limit(case("waits_for_a_kill", |_| {
        let mut server = Server::start(0, "tells_its_number");
        println!("{}", server.line());
        server.end()
    })),
    with_long_limit(case("hears_forgers", |_| {
        let mut servers = [0, 1].map(|number| Server::start(number, "forges"));
        let mut flood = Server::start(2, "floods_the_recording");
        let mut endless = Server::start(3, "floods_the_recording_for_ever");
        for server in servers.iter_mut().chain([&mut flood, &mut endless]) {
            assert_eq!(server.line(), "here");
        }
        record(|| Happening::Note { text: "after the flood".to_owned() });
        fail(Failure::new(Class::Assertion, "two and two are four".to_owned(), "five".to_owned()))
    })),
    with_long_limit(case("hangs_up", |_| end_of_server("hangs_up"))),
];

/// A server of a test.
struct Server {
    node: u32,
    stream: BufReader<UnixStream>,
}

impl Server {
    /// Starts a server that does this.
    fn start(node: u32, task: &str) -> Self {
        let (mut ours, theirs) = UnixStream::pair().expect("there are sockets");
        let copy = theirs.try_clone().expect("there are descriptors");
        nodes::start(node, &format!("server {node}"), copy.into(), theirs.into())
            .expect("the runner lives");
        // It may be dead already.
        let _ = writeln!(ours, "{task}");
        Server { node, stream: BufReader::new(ours) }
    }

    /// The next line that it says.
    fn line(&mut self) -> String {
        let mut line = String::new();
        sim::outside(|| self.stream.read_line(&mut line)).expect("the server speaks");
        line.trim_end().to_owned()
    }

    /// Waits for its end, and fails the test with it.
    fn end(&mut self) -> ! {
        let mut rest = String::new();
        let _ = sim::outside(|| self.stream.read_to_string(&mut rest));
        print!("{rest}");
        fail(nodes::end_of(self.node).failure("server 0"))
    }
}

fn end_of_server(task: &str) -> ! {
    Server::start(0, task).end()
}

/// What servers do.
const TASKS: &[(&str, fn())] = &[
    ("answers", || {
        say("here");
        sleep_forever()
    }),
    ("tells_its_number", || {
        say(&std::process::id().to_string());
        sleep_forever()
    }),
    ("exits", || exit(0)),
    ("aborts", || abort()),
    ("hoards", || {
        let mut hoard = Vec::new();
        loop {
            hoard.push(vec![1u8; 1 << 24]);
        }
    }),
    ("floods", || {
        loop {
            println!("{}", "x".repeat(1 << 16));
        }
    }),
    ("spawns_without_end", || {
        loop {
            thread::spawn(|| -> () { sleep_forever() });
        }
    }),
    ("starts_a_process", || println!("{:?}", Command::new("true").status())),
    ("uses_the_network", || println!("{:?}", std::net::TcpListener::bind("127.0.0.1:0"))),
    ("reads_a_file", || match std::fs::read("/etc/hostname") {
        Ok(_) => say("a file"),
        Err(error) => say(&error.kind().to_string()),
    }),
    ("leaves_a_process", || {
        let sleeper = Command::new("sleep").arg("4242").spawn();
        say(&sleeper.is_ok().to_string());
        sleep_forever()
    }),
    ("forges", || {
        for line in forged_lines() {
            add_to_recording(&line);
        }
        say("here");
        sleep_forever()
    }),
    ("floods_the_recording", || {
        // More than the runner takes from all servers together.
        for _ in 0..400 {
            add_to_recording(&vec![b'x'; 1 << 20]);
        }
        say("here");
        sleep_forever()
    }),
    ("floods_the_recording_for_ever", || {
        say("here");
        loop {
            add_to_recording(b"{\"log\":{\n");
        }
    }),
    ("hangs_up", || {
        use std::os::fd::AsFd;
        let stream = std::io::stdin().as_fd().try_clone_to_owned().expect("there is a descriptor");
        let _ = UnixStream::from(stream).shutdown(std::net::Shutdown::Both);
        sleep_forever()
    }),
];

/// Does what the test asks for.
fn be_server() -> ExitCode {
    if let Err(problem) = isolation::enter() {
        eprintln!("{problem}");
        return ExitCode::from(3);
    }
    // What it prints is no message to the test.
    rustix::stdio::dup2_stdout(std::io::stderr()).expect("both are open");
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
    match TASKS.iter().find(|(name, _)| *name == line.trim_end()) {
        Some((_, task)) => task(),
        None => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}

/// Adds bytes to the recording, if there is one, as a submission could that has found out how.
fn add_to_recording(bytes: &[u8]) {
    if let Some(pipe) = isolation::inherited() {
        // Nobody may listen.
        let _ = std::fs::File::from(pipe).write_all(bytes);
    }
}

/// Lines that only the judge may say, one that every server may say, and bytes that are no line.
fn forged_lines() -> Vec<Vec<u8>> {
    let failure = Happening::Failure {
        class: "forged".to_owned(),
        expected: "forged".to_owned(),
        seen: "forged".to_owned(),
        server: None,
        details: String::new(),
    };
    let note = Happening::Note { text: "forged".to_owned() };
    let crash = Happening::Crash { server: "forged".to_owned() };
    let events = [failure, note, crash].map(|what| Raw::Event(Event { at: 0, what }));
    let own = Claim::Log {
        at: Moment::Virtual(0),
        level: "INFO".to_owned(),
        text: "<script>alert('own words')</script>".to_owned(),
        place: String::new(),
    };
    let noise = b"\xff\0\n\n{\"at\":1,\"event\":\"note\",\"text\":\"forged\"".to_vec();
    events.iter().map(line).chain([line(&own), noise]).collect()
}

/// Says a line to the test.
fn say(line: &str) {
    use std::os::fd::AsFd;
    let stream = std::io::stdin().as_fd().try_clone_to_owned().expect("there is a descriptor");
    writeln!(UnixStream::from(stream), "{line}").expect("the test listens");
}

static NEVER: AtomicBool = AtomicBool::new(false);
static LAST: AtomicU32 = AtomicU32::new(0);

fn sleep_forever<T>() -> T {
    loop {
        thread::park();
    }
}

fn main() -> ExitCode {
    if runner::is_node() {
        return be_server();
    }
    runner::main(CASES)
}
