//! Recordings as real runs make them: a small Raft with elections, heartbeats, a partition, a crash and
//! messages that get lost, and a failure at the end. The same seed makes the same recording.

mod network;
mod servers;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use network::Network;
use servers::Server;

/// One millisecond in the time of a recording.
pub(crate) const MS: u64 = 1_000_000;

/// What a recording shall be like.
#[derive(Clone, Copy)]
pub(crate) struct Options {
    pub(crate) servers: usize,
    /// After how many events the run fails.
    pub(crate) events: usize,
    pub(crate) seed: u64,
    /// The time between two commands of the test, in nanoseconds.
    pub(crate) pace: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { servers: 5, events: 2_500, seed: 1, pace: 70 * MS }
    }
}

/// A message, as servers see it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Message {
    RequestVote { term: u64 },
    VoteReply { term: u64, granted: bool },
    AppendEntries { term: u64, entries: Vec<String>, from_index: usize, commit: usize },
    AppendReply { term: u64, matches: usize },
}

impl Message {
    fn term(&self) -> u64 {
        match self {
            Self::RequestVote { term }
            | Self::VoteReply { term, .. }
            | Self::AppendEntries { term, .. }
            | Self::AppendReply { term, .. } => *term,
        }
    }
}

/// What is due at some time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    Timeout { server: usize, epoch: u64 },
    Heartbeat { server: usize, epoch: u64 },
    Arrival { number: u64, call: u64, from: usize, to: usize, life: u64, message: Message },
    Release { number: u64, call: u64, from: usize, to: usize, life: u64, message: Message },
    Propose { count: u64 },
    Fault { step: u64 },
}

/// A run that is made.
pub(crate) struct Run {
    pub(crate) now: u64,
    pub(crate) lines: Vec<String>,
    due: BinaryHeap<Reverse<(u64, u64, Due)>>,
    sequence: u64,
    random: u64,
}

impl Run {
    pub(crate) fn after(&mut self, wait: u64, due: Due) {
        self.sequence += 1;
        self.due.push(Reverse((self.now + wait, self.sequence, due)));
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % limit
    }

    /// Adds the event whose fields are given as JSON.
    pub(crate) fn record(&mut self, fields: &str) {
        self.lines.push(format!("{{\"at\":{},{fields}}}", self.now));
    }
}

/// Makes a recording as lines of JSON.
pub(crate) fn sample(options: &Options) -> String {
    let mut run = Run {
        now: 0,
        lines: Vec::new(),
        due: BinaryHeap::new(),
        sequence: 0,
        random: options.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
    };
    run.record(&format!(
        r#""event":"run","test":"2B::backup","title":"a leader brings followers up to date quickly, over wrong entries of old terms","seed":"{:#x}","clock":"sim""#,
        options.seed
    ));
    let mut network = Network::new(options.servers);
    let mut servers: Vec<Server> =
        (0..options.servers).map(|id| Server::new(id, options.servers)).collect();
    for server in &mut servers {
        server.start(&mut run, &mut network);
    }
    run.after(500 * MS, Due::Propose { count: 1 });
    run.after(1_300 * MS, Due::Fault { step: 0 });
    while run.lines.len() < options.events {
        let Some(Reverse((at, _, due))) = run.due.pop() else { break };
        run.now = at;
        happen(&mut run, &mut network, &mut servers, options, due);
    }
    fail(&mut run, &servers);
    run.lines.join("\n") + "\n"
}

fn happen(
    run: &mut Run,
    network: &mut Network,
    servers: &mut [Server],
    options: &Options,
    due: Due,
) {
    match due {
        Due::Timeout { server, epoch } => servers[server].timeout(run, network, epoch),
        Due::Heartbeat { server, epoch } => servers[server].heartbeat(run, network, epoch),
        Due::Release { number, call, from, to, life, message } => {
            run.record(&format!(r#""event":"released","message":{number}"#));
            run.after(MS / 3, Due::Arrival { number, call, from, to, life, message });
        }
        Due::Arrival { number, call, from, to, life, message } => {
            let same_life = !servers[to].is_down() && network.lives[to] == life;
            if network.arrives(run, number, (from, to), same_life) {
                servers[to].receive(run, network, (from, call), message);
            }
        }
        Due::Propose { count } => {
            let target = servers.iter().rposition(|server| server.leads()).unwrap_or(0);
            servers[target].propose(run, network, count);
            run.after(options.pace, Due::Propose { count: count + 1 });
        }
        Due::Fault { step } => {
            fault(run, network, servers, step);
            let wait = 500 + run.below(400);
            run.after(wait * MS, Due::Fault { step: step + 1 });
        }
    }
}

/// The faults of a run take turns.
fn fault(run: &mut Run, network: &mut Network, servers: &mut [Server], step: u64) {
    let leader = servers.iter().rposition(|server| server.leads()).unwrap_or(0);
    match step % 6 {
        0 => {
            run.record(r#""event":"note","text":"the test cuts the leader off with one follower""#);
            network.split(run, &[leader, (leader + 1) % servers.len()]);
        }
        1 => network.split(run, &[]),
        2 => servers[(leader + 2) % servers.len()].crash(run),
        3 => {
            for server in servers.iter_mut().filter(|server| server.is_down()) {
                server.start(run, network);
            }
        }
        4 => network.split(run, &[leader]),
        _ => {
            run.record(r#""event":"note","text":"the test makes the network unreliable: messages are lost, copied and held""#);
            network.unreliable = true;
            network.split(run, &[]);
        }
    }
}

fn fail(run: &mut Run, servers: &[Server]) {
    run.now += MS / 10;
    let table = "  server  process  term  leads  applied\\n  0       runs     4     no     12\\n  1       runs     4     yes    13\\n";
    let server = servers.len() - 1;
    run.record(&format!(
        r#""event":"failure","class":"invariant","expected":"servers apply the same command at index 7: \"x 7 y\", as server 0 did","seen":"server {server} applied \"x 9 y\" at index 7","server":"server-{server}","details":"{table}""#
    ));
    run.now += 2 * MS;
    run.record(r#""event":"note","text":"the test ends""#);
}
