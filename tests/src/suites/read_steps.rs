//! Steps of the scenes about reads.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use parking_lot::Mutex;

use super::expect::{expect, happens};
use super::kv_calls::Pending;
use super::limits::NEW_LEADER;
use super::script::{Messages, Traffic, appends, replies, requests, votes};
use crate::case::{Run, Summary};
use crate::harness::{Client, KvCluster, Reach};

pub(super) const OLD: &str = "old";
pub(super) const NEW: &str = "new";

/// Long enough for a heartbeat.
pub(super) const HEARTBEAT: Duration = Duration::from_millis(200);

/// How long a Get is watched that must not return.
const WATCHED: Duration = Duration::from_millis(600);

const POLL: Duration = Duration::from_millis(5);

/// How long an answer takes at most that is given at once.
const AT_ONCE: Duration = Duration::from_millis(20);

/// For how long a Get without an answer is waited for: longer than a leader with a lease takes.
const UNANSWERED: Duration = Duration::from_millis(50);

/// A cluster with a leader; key "x" has the value "old".
pub(super) struct Scene {
    pub(super) cluster: KvCluster,
    pub(super) traffic: Traffic,
    pub(super) leader: usize,
    pub(super) others: Vec<usize>,
    /// Reaches only the leader.
    reader: Client,
}

/// A Get at the old leader.
pub(super) struct Read {
    reach: Reach,
    call: Pending,
}

impl Scene {
    /// Three servers.
    pub(super) fn begin(run: &Run) -> Self {
        Scene::of(3, run)
    }

    /// The same with this many servers.
    pub(super) fn of(servers: usize, run: &Run) -> Self {
        let cluster = KvCluster::new(servers, None, run);
        cluster.client().put("x", OLD);
        Scene::on(cluster)
    }

    pub(super) fn on(cluster: KvCluster) -> Self {
        let leader = cluster.check_one_leader();
        let traffic = Traffic::begin(cluster.network());
        let mut reader = cluster.client();
        // Now the clerk knows who leads.
        reader.get("x");
        reader.reach().set(&[leader]);
        thread::sleep(HEARTBEAT);
        let size = cluster.size();
        let others = (1..size).map(|distance| (leader + distance) % size).collect();
        Scene { cluster, traffic, leader, others, reader }
    }

    /// The term of a server; 0 if it is down.
    pub(super) fn term(&self, server: usize) -> u64 {
        self.cluster.get_state(server).map_or(0, |(term, _)| term)
    }

    pub(super) fn leads(&self, server: usize) -> bool {
        self.cluster.get_state(server).is_some_and(|(_, leads)| leads)
    }

    pub(super) fn cut_leader_off(&self) {
        self.others.iter().for_each(|other| self.traffic.cut_link(self.leader, *other));
    }

    /// Cuts the leader and this follower of it off from all others.
    pub(super) fn cut_off_with(&self, follower: usize) {
        for other in self.others.iter().filter(|other| **other != follower) {
            self.traffic.cut_link(self.leader, *other);
            self.traffic.cut_link(follower, *other);
        }
    }

    /// Waits until an answer of each follower to the leader is held.
    pub(super) fn await_answers(&self) {
        let is_held = |other: &usize| {
            let answers = appends().from(self.leader).to(*other).replies();
            !self.traffic.held(&answers).is_empty()
        };
        happens(2 * HEARTBEAT, POLL, || self.others.iter().all(is_held));
    }

    /// Waits for the next heartbeat of the leader that this follower answers. Says whether it did so at once.
    pub(super) fn await_heartbeat(&self, follower: usize) -> bool {
        let heartbeats = appends().from(self.leader).to(follower);
        let answers = heartbeats.clone().replies();
        let [sent, answered] = [&heartbeats, &answers].map(|them| self.traffic.passed(them));
        happens(2 * HEARTBEAT, Duration::from_millis(1), || {
            self.traffic.passed(&heartbeats) > sent
        });
        let begun = Instant::now();
        let is_answered = || self.traffic.passed(&answers) > answered;
        happens(HEARTBEAT, Duration::from_millis(1), is_answered) && begun.elapsed() < AT_ONCE
    }

    /// Cuts the leader off, and says for how long it goes on to answer Gets.
    pub(super) fn lease(self) -> Duration {
        self.await_heartbeat(self.others[0]);
        self.cut_leader_off();
        let (begun, mut reader) = (Instant::now(), self.reader);
        let (asked, answered) = bounded(0);
        thread::spawn(move || {
            while asked.send(()).is_ok() {
                reader.get("x");
            }
        });
        let mut last = Duration::ZERO;
        while answered.recv_timeout(UNANSWERED).is_ok() {
            last = begun.elapsed();
        }
        self.cluster.abandon();
        last
    }

    /// Waits until a server without a leader stands, and holds its request for a vote to another one. What only asks
    /// whether it would be elected passes. Returns what is held from then on.
    pub(super) fn hold_candidacy(&self, candidate: usize, voter: usize) -> Messages {
        let asked = votes().from(candidate).to(voter);
        self.traffic.hold(asked.clone());
        let before = self.term(candidate);
        happens(Duration::from_secs(2), Duration::from_millis(1), || {
            let stands = self.term(candidate) > before;
            if !stands {
                self.traffic.release(asked.clone());
            }
            stands && !self.traffic.held(&asked).is_empty()
        });
        asked
    }

    /// Cuts a rival of the leader off from all, and waits until it asks the voter for its vote. Returns what is held from
    /// then on.
    pub(super) fn hold_rival(&self, voter: usize, rival: usize) -> Messages {
        self.traffic.cut_link(rival, self.leader);
        self.traffic.cut_link(rival, voter);
        let asked = votes().from(rival).to(voter);
        self.traffic.hold(asked.clone());
        // Any election timer runs out.
        happens(NEW_LEADER, POLL, || !self.traffic.held(&asked).is_empty());
        asked
    }

    /// Lets a rival and the voter hear each other again, first what was held.
    pub(super) fn let_rival_ask(&self, voter: usize, rival: usize, asked: Messages) {
        self.traffic.pass(requests().from(voter).to(rival));
        self.traffic.pass(requests().from(rival).to(voter));
        self.traffic.release(asked);
    }

    /// Lets a rival's requests arrive at a voter, which must not enter their term if it `hears` from its leader.
    pub(super) fn expect_refusal(&self, voter: usize, rival: usize, hears: bool, asked: Messages) {
        let before = self.term(voter);
        self.traffic.pass(asked.clone());
        self.traffic.release(asked);
        thread::sleep(AT_ONCE);
        let now = self.term(voter);
        expect(
            now == before || !hears || !sim::is_active(),
            format_args!(
                "server {voter} stays in term {before} when server {rival} asks for its vote in term {}: it hears \
                 from its leader",
                self.term(rival)
            ),
            format_args!("it is in term {now}"),
        );
    }

    /// Waits until one of the others leads, and has it write; returns when it has done so.
    pub(super) fn write(&self) {
        let new_leader = || self.others.iter().copied().find(|server| self.leads(*server));
        happens(NEW_LEADER, Duration::from_millis(1), || new_leader().is_some());
        let new_leader = new_leader();
        let mut writer = self.cluster.client_at(new_leader.unwrap_or(self.others[0]));
        let reach = writer.reach();
        let call = Pending::begin(move || writer.put("x", NEW));
        happens(HEARTBEAT, Duration::from_millis(1), || call.has_returned());
        // It may have lost its office.
        reach.set(&self.others);
        call.wait_or_tell("a Put that a majority can save", || self.cluster.open_calls());
    }

    /// Has this many clerks write, and "x" last, so that all servers have saved it, the leader has committed it, and has told
    /// no other that it has. Says whether this went well: a leader may have given up meanwhile. From then on it is cut off.
    pub(super) fn commit_unheard(&self, writes: usize) -> bool {
        let answers = appends().from(self.leader).replies();
        // What is not answered is sent again, with all that has come since.
        self.traffic.lose(answers.clone());
        let write = |key: String| {
            let mut writer = self.cluster.client_at(self.leader);
            let call = Pending::begin(move || writer.put(&key, NEW));
            thread::sleep(HEARTBEAT / 10);
            call
        };
        let mut calls: Vec<Pending> =
            (1..writes).map(|number| write(format!("key {number}"))).collect();
        calls.push(write("x".to_owned()));
        thread::sleep(HEARTBEAT);
        self.traffic.hold(answers.clone());
        self.await_answers();
        self.cut_leader_off();
        self.traffic.release(answers);
        happens(2 * HEARTBEAT, POLL, || calls.iter().all(Pending::has_returned))
    }

    /// Begins a Get at the old leader, does something, and fails the test if it returns what was there before. Returns the
    /// cluster and the Get.
    pub(super) fn expect_nothing_old(
        self,
        why: &str,
        meanwhile: impl FnOnce(&Traffic),
    ) -> (KvCluster, Traffic, Read) {
        let Scene { cluster, traffic, leader, mut reader, .. } = self;
        let value: Arc<Mutex<Option<String>>> = Arc::default();
        let (result, reach) = (value.clone(), reader.reach());
        let call = Pending::begin(move || *result.lock() = Some(reader.get("x")));
        thread::sleep(Duration::from_millis(20));
        meanwhile(&traffic);
        let is_old = || value.lock().as_deref() == Some(OLD);
        expect(
            !happens(WATCHED, POLL, is_old),
            format_args!(
                "a Get at server {leader} that began after \"{NEW}\" had been written does not return \"{OLD}\": {why}"
            ),
            format_args!("it returned \"{OLD}\""),
        );
        (cluster, traffic, Read { reach, call })
    }
}

/// Connects all servers, after which the Get at the old leader must return, and ends the test.
pub(super) fn finish((cluster, traffic, read): (KvCluster, Traffic, Read)) -> Summary {
    traffic.pass(requests());
    traffic.pass(replies());
    read.reach.set(&(0..cluster.size()).collect::<Vec<_>>());
    read.call.wait_or_tell("a Get that the old leader could not answer", || cluster.open_calls());
    cluster.finish()
}

/// Plays a schedule several times, each in a new cluster: its outcome is up to election timeouts. The schedule is told the
/// number of its round.
pub(super) fn in_rounds(
    run: &Run,
    rounds: usize,
    play: impl Fn(&Run, usize) -> (KvCluster, Traffic, Read),
) -> Summary {
    for round in 1..rounds {
        let (cluster, ..) = play(&run.part(&format!("round {round}")), round);
        cluster.abandon();
    }
    finish(play(run, rounds))
}

/// Plays a schedule until chance lets all of its steps happen, each time in a new cluster, or this often in vain.
pub(super) fn until_played(
    run: &Run,
    attempts: usize,
    play: impl Fn(&Run) -> Result<Summary, KvCluster>,
) -> Summary {
    for attempt in 1..attempts {
        match play(&run.part(&format!("attempt {attempt}"))) {
            Ok(summary) => return summary,
            Err(cluster) => {
                cluster.abandon();
            }
        }
    }
    play(run).unwrap_or_else(|cluster| cluster.finish())
}
