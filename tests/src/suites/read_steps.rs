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
    pub(super) fn begin(run: &Run) -> Self {
        let cluster = KvCluster::new(3, None, run);
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

    pub(super) fn cut_leader_off(&self) {
        self.others.iter().for_each(|other| self.traffic.cut_link(self.leader, *other));
    }

    /// Waits until an answer of each follower to the leader is held.
    pub(super) fn await_answers(&self) {
        let is_held = |other: &usize| {
            let answers = appends().from(self.leader).to(*other).replies();
            !self.traffic.held(&answers).is_empty()
        };
        happens(2 * HEARTBEAT, POLL, || self.others.iter().all(is_held));
    }

    /// Waits for the next heartbeat of the leader that this follower answers.
    pub(super) fn await_heartbeat(&self, follower: usize) {
        let answers = appends().from(self.leader).to(follower).replies();
        let before = self.traffic.passed(&answers);
        let is_answered = || self.traffic.passed(&answers) > before;
        happens(2 * HEARTBEAT, Duration::from_millis(1), is_answered);
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

    /// Waits until one of the others leads, and has it write; returns when it has done so.
    pub(super) fn write(&self) {
        let leads =
            |server: &&usize| self.cluster.get_state(**server).is_some_and(|(_, leads)| leads);
        happens(NEW_LEADER, Duration::from_millis(1), || self.others.iter().any(|it| leads(&it)));
        let new_leader = self.others.iter().copied().find(|server| leads(&server));
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

/// Plays a schedule several times, each in a new cluster: its outcome is up to election timeouts.
pub(super) fn in_rounds(
    run: &Run,
    rounds: usize,
    play: impl Fn(&Run) -> (KvCluster, Traffic, Read),
) -> Summary {
    for round in 1..rounds {
        let (cluster, ..) = play(&run.part(&format!("round {round}")));
        cluster.abandon();
    }
    finish(play(run))
}
