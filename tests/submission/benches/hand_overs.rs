//! What it costs to hand over to a node: turns in virtual time, and RPCs between two nodes on the clock.
//!
//! In a run all processes share a processor: `taskset -c 0 cargo bench -p submission`.

#![expect(clippy::unwrap_used, reason = "all of this is a test")]

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use protocol::{Clock, FromNode, Life, Operation, Question, Role, ToNode};
use support::conversation::Conversation;
use support::process::Node;
use support::relay::Relay;
use support::{RAFT, first_life, virtual_time};

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/nodes/support/mod.rs"]
mod support;

/// How often things that take microseconds are done.
const ROUNDS: usize = 10_000;

/// How many calls a clerk makes until it rests.
const CALLS: u64 = 1_000;

type Bench = (&'static str, fn() -> Vec<Duration>);

const BENCHES: [Bench; 7] = [
    ("start and end", || starts(Node::spawn, Clock::Real)),
    ("start and end in virtual time", || starts(Node::spawn, virtual_time(1))),
    ("start and end, confined, in virtual time", || starts(Node::spawn_confined, virtual_time(1))),
    ("turn in which nothing happens", empty_turns),
    ("refused command in virtual time", || refusals(virtual_time(1))),
    ("refused command on the clock", || refusals(Clock::Real)),
    ("RPC between two nodes on the clock", rpcs),
];

/// Runs those whose names have the first argument in them.
fn main() {
    let filter = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    for (what, bench) in BENCHES {
        if filter.as_ref().is_none_or(|filter| what.contains(filter)) {
            print(what, bench());
        }
    }
}

/// Prints the median and the shortest time.
fn print(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let (median, least) = (micros(times[times.len() / 2]), micros(times[0]));
    println!("{what:<40} {median:>7.2} µs, at least {least:>6.2} µs");
}

fn measure(mut work: impl FnMut(), rounds: usize) -> Vec<Duration> {
    let once = || {
        let begun = Instant::now();
        work();
        begun.elapsed()
    };
    std::iter::repeat_with(once).take(rounds).collect()
}

/// A server is made, and its process killed.
fn starts(spawn: fn() -> Node, clock: Clock) -> Vec<Duration> {
    let life = first_life(RAFT, 0, clock);
    let once = || {
        let mut talk = Conversation::new(spawn(), life.clone());
        talk.find(|said| (*said == FromNode::Started).then_some(()));
    };
    measure(once, 200)
}

/// A clerk without work waits for news.
fn empty_turns() -> Vec<Duration> {
    let mut node = Node::spawn();
    node.begin(Life { ends: Vec::new(), ..first_life(Role::KvClerk, 0, virtual_time(1)) });
    let mut now = 0;
    while let Some(deadline) = node.next_frame().unwrap().turn.deadline {
        now = deadline;
        node.send(now, Vec::new());
    }
    measure(
        || {
            node.send(now, Vec::new());
            now = node.next_frame().unwrap().turn.now;
        },
        ROUNDS,
    )
}

/// A server that does not lead refuses a command.
fn refusals(clock: Clock) -> Vec<Duration> {
    let mut talk = Conversation::new(Node::spawn(), first_life(RAFT, 0, clock));
    talk.find(|said| (*said == FromNode::Started).then_some(()));
    let mut ask = 0;
    measure(
        || {
            ask += 1;
            talk.tell(ToNode::Ask { ask, question: Question::Propose(Vec::new()) });
            talk.find(|said| matches!(said, FromNode::Answer { .. }).then_some(()));
        },
        ROUNDS,
    )
}

/// A clerk asks one server again and again, under a thousand names. The server does not lead, as the other
/// servers of its cluster do not answer.
fn rpcs() -> Vec<Duration> {
    let server = first_life(Role::KvServer { max_raft_state: None }, 0, Clock::Real);
    let ends = vec!["server-0".to_owned(); CALLS as usize];
    let clerk = Life { ends, ..first_life(Role::KvClerk, 0, Clock::Real) };
    let (sender, times) = channel();
    // The clerk makes its calls one by one, in the order of its ends.
    let begun = parking_lot::Mutex::new(Instant::now());
    let routes = move |from, end| {
        if from == 0 {
            return None;
        }
        if end == 0 {
            *begun.lock() = Instant::now();
        } else if end == CALLS - 1 {
            let _ = sender.send(begun.lock().elapsed() / (CALLS - 1) as u32);
        }
        Some(0)
    };
    let mut relay = Relay::with_routes(vec![server, clerk], Box::new(routes));
    relay.put(1, Question::Operate(Operation::Get { key: String::new() }));
    times.iter().take(20).collect()
}
