//! 3C, continued: schedules in which a leader that does not lead any more must not read.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use sim::ClockRate;

use super::expect::{expect, happens};
use super::kv_calls::Pending;
use super::limits::NEW_LEADER;
use super::script::{Traffic, appends, replies, requests, votes};
use crate::case::{Run, Summary};
use crate::harness::{Client, KvCluster, Reach};

const OLD: &str = "old";
const NEW: &str = "new";

/// Long enough for a heartbeat.
const HEARTBEAT: Duration = Duration::from_millis(200);

/// How long a Get is watched that must not return.
const WATCHED: Duration = Duration::from_millis(600);

const POLL: Duration = Duration::from_millis(5);

/// A clock that loses a tenth, and one that gains a tenth.
const SLOW: ClockRate = ClockRate(900);
const FAST: ClockRate = ClockRate(1_100);

/// A cluster with a leader; key "x" has the value "old".
struct Stage {
    cluster: KvCluster,
    traffic: Traffic,
    leader: usize,
    others: [usize; 2],
    /// Reaches only the leader.
    reader: Client,
}

/// A Get at the old leader.
struct Read {
    reach: Reach,
    call: Pending,
}

impl Stage {
    fn begin(run: &Run) -> Self {
        let cluster = KvCluster::new(3, None, run);
        cluster.client().put("x", OLD);
        Stage::on(cluster)
    }

    fn on(cluster: KvCluster) -> Self {
        let leader = cluster.check_one_leader();
        let traffic = Traffic::begin(cluster.network());
        let mut reader = cluster.client();
        // Now the clerk knows who leads.
        reader.get("x");
        reader.reach().set(&[leader]);
        thread::sleep(HEARTBEAT);
        let others = [(leader + 1) % 3, (leader + 2) % 3];
        Stage { cluster, traffic, leader, others, reader }
    }

    fn cut_leader_off(&self) {
        self.others.iter().for_each(|other| self.traffic.cut_link(self.leader, *other));
    }

    /// Waits until an answer of each follower to the leader is held.
    fn await_answers(&self) {
        let is_held = |other: &usize| {
            let answers = appends().from(self.leader).to(*other).replies();
            !self.traffic.held(&answers).is_empty()
        };
        happens(2 * HEARTBEAT, POLL, || self.others.iter().all(is_held));
    }

    /// Waits until one of the others leads, and has it write; returns when it has done so.
    fn write(&self) {
        let leads =
            |server: &&usize| self.cluster.get_state(**server).is_some_and(|(_, leads)| leads);
        happens(NEW_LEADER, Duration::from_millis(1), || self.others.iter().any(|it| leads(&it)));
        // A clerk that reaches one server asks it at once.
        let reached = self.others.iter().find(leads).map_or(&self.others[..], std::slice::from_ref);
        let mut writer = self.cluster.client_of(reached);
        let reach = writer.reach();
        let call = Pending::begin(move || writer.put("x", NEW));
        happens(HEARTBEAT, Duration::from_millis(1), || call.has_returned());
        // It may have lost its office.
        reach.set(&self.others);
        call.wait_or_tell("a Put that a majority can save", || self.cluster.open_calls());
    }

    /// Has this many clerks write, and "x" last, so that all servers have saved it, the leader has committed it, and has told
    /// no other that it has. Says whether this went well: a leader may have given up meanwhile. From then on it is cut off.
    fn commit_unheard(&self, writes: usize) -> bool {
        let answers = appends().from(self.leader).replies();
        // What is not answered is sent again, with all that has come since.
        self.traffic.lose(answers.clone());
        let write = |key: String| {
            let mut writer = self.cluster.client_of(&[self.leader]);
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
    fn expect_nothing_old(
        self,
        why: &str,
        meanwhile: impl FnOnce(&Traffic),
    ) -> (KvCluster, Traffic, Read) {
        let Stage { cluster, traffic, leader, mut reader, .. } = self;
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
fn finish((cluster, traffic, read): (KvCluster, Traffic, Read)) -> Summary {
    traffic.pass(requests());
    traffic.pass(replies());
    read.reach.set(&[0, 1, 2]);
    read.call.wait_or_tell("a Get that the old leader could not answer", || cluster.open_calls());
    cluster.finish()
}

/// Plays a schedule several times, each in a new cluster: its outcome is up to election timeouts.
fn in_rounds(
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

pub(super) fn cut_off_leader(run: &Run) -> Summary {
    let stage = Stage::begin(run);
    stage.cut_leader_off();
    stage.write();
    finish(stage.expect_nothing_old("it has not heard from a majority since", |_| {}))
}

/// The followers have answered the leader, but their answers arrive when another server leads.
pub(super) fn late_replies(run: &Run) -> Summary {
    in_rounds(run, 4, |run| {
        let stage = Stage::begin(run);
        let answers = appends().from(stage.leader).replies();
        stage.traffic.hold(answers.clone());
        stage.await_answers();
        stage.cut_leader_off();
        stage.write();
        let why = "the replies that arrive now are to messages from before, and say nothing of the time since then";
        stage.expect_nothing_old(why, |traffic| _ = traffic.release(answers))
    })
}

/// The old leader has committed a write, and the new one has it, but nobody has told it that it is committed.
pub(super) fn unheard_commit(run: &Run) -> Summary {
    let stage = Stage::begin(run);
    if !stage.commit_unheard(1) {
        return stage.cluster.finish();
    }
    stage.cluster.crash(stage.leader);
    let seen = stage.cluster.client_of(&stage.others).get("x");
    expect(
        seen == NEW,
        format_args!(
            "a Get returns \"{NEW}\", which was written before it began: a new leader learns what is committed by an \
             entry of its own term"
        ),
        format_args!("it returned \"{seen}\""),
    );
    stage.cluster.finish()
}

/// The successor leads at once, while the old leader still has a lease.
pub(super) fn hand_over(run: &Run) -> Summary {
    let stage = Stage::begin(run);
    let to = stage.others[0];
    // Its successor's election must not tell it.
    stage.others.iter().for_each(|other| {
        stage.traffic.lose(requests().from(*other).to(stage.leader));
    });
    stage.cluster.transfer_leadership(stage.leader, to);
    let leads = || stage.cluster.get_state(to).is_some_and(|(_, leads)| leads);
    if !happens(Duration::from_millis(150), Duration::from_millis(1), leads) {
        return stage.cluster.finish();
    }
    stage.cut_leader_off();
    stage.write();
    finish(stage.expect_nothing_old("it has handed its office over", |_| {}))
}

/// A follower forgets in a crash that it has just heard from the leader, and a rival asks for its vote.
pub(super) fn restarted_voter(run: &Run) -> Summary {
    in_rounds(run, 4, |run| {
        let stage = Stage::begin(run);
        let [voter, rival] = stage.others;
        stage.traffic.cut_link(rival, stage.leader);
        stage.traffic.cut_link(rival, voter);
        thread::sleep(Duration::from_secs(2));
        stage.traffic.cut_link(voter, stage.leader);
        stage.cluster.restart_connected(voter);
        stage.traffic.pass(requests().from(voter).to(rival));
        stage.traffic.pass(requests().from(rival).to(voter));
        stage.write();
        let why = format!(
            "server {voter} answered it just before it restarted, and so does not vote for another server until the \
             lease has ended"
        );
        stage.expect_nothing_old(&why, |_| {})
    })
}

/// The clock of the leader is slow, and those of the others are fast.
pub(super) fn slow_clock(run: &Run) -> Summary {
    in_rounds(run, 8, |run| {
        let cluster = KvCluster::new(3, None, run);
        cluster.client().put("x", OLD);
        for (server, rate) in [(0, SLOW), (1, FAST), (2, FAST)] {
            cluster.restart_with_clock(server, rate);
        }
        for _ in 0..10 {
            let leader = cluster.check_one_leader();
            if leader == 0 {
                break;
            }
            cluster.client().get("x");
            cluster.transfer_leadership(leader, 0);
        }
        let stage = Stage::on(cluster);
        stage.cut_leader_off();
        stage.write();
        stage.expect_nothing_old("by the fast clocks of the others, its lease has ended", |_| {})
    })
}

/// A follower that has no leader would vote for a rival. Then it hears from its leader again, before the rival's request
/// for its vote arrives.
pub(super) fn late_vote(run: &Run) -> Summary {
    in_rounds(run, 4, |run| {
        let stage = Stage::begin(run);
        let [voter, rival] = stage.others;
        stage.cut_leader_off();
        stage.traffic.lose(votes().from(voter));
        let asked = votes().from(rival).to(voter);
        stage.traffic.hold(asked.clone());
        let term = || stage.cluster.get_state(rival).map_or(0, |(term, _)| term);
        let before = term();
        happens(Duration::from_secs(2), Duration::from_millis(1), || {
            let stands = term() > before;
            if !stands {
                // It only asks whether it would be elected.
                stage.traffic.release(asked.clone());
            }
            stands && !stage.traffic.held(&asked).is_empty()
        });
        stage.traffic.pass(requests().from(stage.leader).to(voter));
        stage.traffic.pass(requests().from(voter).to(stage.leader));
        thread::sleep(HEARTBEAT);
        stage.traffic.cut_link(stage.leader, voter);
        stage.traffic.pass(asked.clone());
        stage.traffic.release(asked);
        stage.write();
        let why = format!(
            "server {voter} has heard from it since it would have voted for server {rival}, and so does not vote for it"
        );
        stage.expect_nothing_old(&why, |_| {})
    })
}

/// How many commands a new leader has to apply.
const WRITES: usize = 8;

/// How many clerks read, and how long after each other they begin.
const READERS: usize = 16;
const APART: Duration = Duration::from_micros(500);

/// A new leader has much to apply when it has committed an entry of its own. Its service makes a snapshot after each
/// command, and clerks ask it meanwhile.
pub(super) fn backlog(run: &Run) -> Summary {
    let cluster = KvCluster::new(3, Some(1), run);
    cluster.client().put("x", OLD);
    let stage = Stage::on(cluster);
    let readers = (0..READERS).map(|_| stage.cluster.client_of(&stage.others));
    let readers: Vec<Client> = readers.collect();
    if !stage.commit_unheard(WRITES) {
        return stage.cluster.finish();
    }
    stage.cluster.crash(stage.leader);
    stage.cluster.check_one_leader();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let gets = readers.into_iter().map(|mut reader| {
        let seen = seen.clone();
        thread::sleep(APART);
        Pending::begin(move || seen.lock().push(reader.get("x")))
    });
    for get in gets.collect::<Vec<_>>() {
        get.wait_or_tell("a Get at a new leader", || stage.cluster.open_calls());
    }
    let seen = seen.lock();
    expect(
        seen.iter().all(|value| value == NEW),
        format_args!(
            "{READERS} Gets at a new leader return \"{NEW}\", which was written before they began: it has applied all that \
             is committed before it reads"
        ),
        format_args!("they returned {seen:?}"),
    );
    stage.cluster.finish()
}
