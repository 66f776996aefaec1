//! 3C, continued: schedules in which a leader that does not lead any more must not read.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use protocol::Machine;
use sim::ClockRate;

use super::expect::{expect, happens};
use super::kv_calls::Pending;
use super::limits::NEW_LEADER;
use super::read_steps::{HEARTBEAT, NEW, OLD, Scene, finish, in_rounds, until_played};
use super::script::{appends, requests, votes};
use crate::case::{Run, Summary};
use crate::harness::{Client, KvCluster};

/// A clock that loses a tenth, and one that gains a tenth.
const SLOW: ClockRate = ClockRate(900);
const FAST: ClockRate = ClockRate(1_100);

pub(super) fn cut_off_leader(run: &Run) -> Summary {
    let scene = Scene::begin(run);
    scene.cut_leader_off();
    scene.write();
    finish(scene.expect_nothing_old("it has not heard from a majority since", |_| {}))
}

/// A leader of five that one follower still answers: it hears from no majority.
pub(super) fn answered_by_one(run: &Run) -> Summary {
    let scene = Scene::of(5, run);
    scene.cut_off_with(scene.others[0]);
    scene.write();
    let why = format!(
        "it has heard from server {} alone since, and two of five are no majority",
        scene.others[0]
    );
    finish(scene.expect_nothing_old(&why, |_| {}))
}

/// The followers have answered the leader, but their answers arrive when another server leads.
pub(super) fn late_replies(run: &Run) -> Summary {
    in_rounds(run, 4, |run, _| {
        let scene = Scene::begin(run);
        let answers = appends().from(scene.leader).replies();
        scene.traffic.hold(answers.clone());
        scene.await_answers();
        scene.cut_leader_off();
        scene.write();
        let why = "the replies that arrive now are to messages from before, and say nothing of the time since then";
        scene.expect_nothing_old(why, |traffic| _ = traffic.release(answers))
    })
}

/// The old leader has committed a write, and the new one has it, but nobody has told it that it is committed.
pub(super) fn unheard_commit(run: &Run) -> Summary {
    until_played(run, 4, |run| {
        let scene = Scene::begin(run);
        if !scene.commit_unheard(1) {
            return Err(scene.cluster);
        }
        scene.cluster.crash(scene.leader);
        let seen = scene.cluster.client_of(&scene.others).get("x");
        expect(
            seen == NEW,
            format_args!(
                "a Get returns \"{NEW}\", which was written before it began: a new leader learns what is committed by \
                 an entry of its own term"
            ),
            format_args!("it returned \"{seen}\""),
        );
        Ok(scene.cluster.finish())
    })
}

/// A follower forgets in a crash that it has just heard from the leader, and a rival asks for its vote.
pub(super) fn restarted_voter(run: &Run) -> Summary {
    in_rounds(run, 4, |run, _| {
        let scene = Scene::begin(run);
        let (voter, rival) = (scene.others[0], scene.others[1]);
        let asked = scene.hold_rival(voter, rival);
        scene.traffic.cut_link(voter, scene.leader);
        scene.cluster.restart_connected(voter);
        scene.let_rival_ask(voter, rival, asked);
        scene.write();
        let why = format!(
            "server {voter} answered it just before it restarted, and so does not vote for another server until the \
             lease has ended"
        );
        scene.expect_nothing_old(&why, |_| {})
    })
}

/// How long before the end of a lease a rival is heard, by round.
const BEFORE_THE_END: [Duration; 4] = [
    Duration::from_millis(60),
    Duration::from_millis(45),
    Duration::from_millis(30),
    Duration::from_millis(20),
];

/// The clock of the leader is slow, and those of the others are fast. Shortly before its lease ends, a rival is heard by
/// the server that has given the leader its lease.
pub(super) fn slow_clock(run: &Run) -> Summary {
    let lease = slow_leader(&run.part("a lease")).lease();
    in_rounds(run, BEFORE_THE_END.len(), |run, round| {
        let scene = slow_leader(run);
        let (voter, rival) = (scene.others[0], scene.others[1]);
        let asked = scene.hold_rival(voter, rival);
        scene.await_heartbeat(voter);
        scene.traffic.cut_link(voter, scene.leader);
        thread::sleep(lease.saturating_sub(BEFORE_THE_END[round - 1]));
        scene.let_rival_ask(voter, rival, asked);
        scene.write();
        scene.expect_nothing_old("by the fast clocks of the others, its lease has ended", |_| {})
    })
}

/// If chance allows, the leader is server 0, whose clock is slow.
fn slow_leader(run: &Run) -> Scene {
    let cluster = KvCluster::new(3, None, run);
    cluster.client().put("x", OLD);
    for (server, clock_rate) in [SLOW, FAST, FAST].into_iter().enumerate() {
        cluster.restart_on(server, Machine { clock_rate, ..Machine::default() });
    }
    for _ in 0..10 {
        let leader = cluster.check_one_leader();
        if leader == 0 {
            break;
        }
        cluster.client().get("x");
        cluster.transfer_leadership(leader, 0);
    }
    Scene::on(cluster)
}

/// A follower that has no leader would vote for a rival. Then it hears from its leader again, before the rival's request
/// for its vote arrives; or between both it learns of the rival's term by a late reply, so that the request is one of its
/// own term.
pub(super) fn late_vote(run: &Run) -> Summary {
    until_played(&run.part("newer term"), 4, vote_in_own_term);
    in_rounds(run, 4, |run, _| {
        let scene = Scene::begin(run);
        let (voter, rival) = (scene.others[0], scene.others[1]);
        scene.cut_leader_off();
        scene.traffic.lose(votes().from(voter));
        let asked = scene.hold_candidacy(rival, voter);
        scene.traffic.pass(requests().from(scene.leader).to(voter));
        scene.traffic.pass(requests().from(voter).to(scene.leader));
        let hears = scene.await_heartbeat(voter);
        scene.traffic.cut_link(scene.leader, voter);
        scene.expect_refusal(voter, rival, hears, asked);
        scene.write();
        let why = format!(
            "server {voter} has heard from it since it would have voted for server {rival}, and so does not vote for it"
        );
        scene.expect_nothing_old(&why, |_| {})
    })
}

fn vote_in_own_term(run: &Run) -> Result<Summary, KvCluster> {
    let scene = Scene::begin(run);
    let (leader, voter, rival) = (scene.leader, scene.others[0], scene.others[1]);
    // The voter stands, and its request to the rival stays under way.
    scene.cut_leader_off();
    scene.traffic.lose(votes().from(rival));
    let late = scene.hold_candidacy(voter, rival);
    let late = scene.traffic.held(&late);
    // The leader alone can be elected now.
    scene.traffic.pass(requests().from(leader));
    scene.traffic.pass(requests().to(leader));
    scene.traffic.lose(votes().from(voter));
    scene.traffic.lose(votes().from(rival));
    let is_elected = happens(NEW_LEADER, Duration::from_millis(1), || {
        let terms = [leader, voter, rival].map(|server| scene.term(server));
        scene.leads(leader) && terms == [terms[0]; 3]
    });
    if !is_elected {
        return Err(scene.cluster);
    }
    // This may put an entry into the log, which the rival needs, too.
    scene.cluster.client_at(leader).get("x");
    thread::sleep(2 * HEARTBEAT);

    scene.cut_leader_off();
    let asked = scene.hold_candidacy(rival, voter);
    scene.traffic.pass(requests().from(leader).to(voter));
    scene.traffic.pass(requests().from(voter).to(leader));
    scene.await_heartbeat(voter);
    scene.traffic.cut_link(leader, voter);
    late.iter().for_each(|message| _ = scene.cluster.network().release(message.id));
    happens(ANSWER, Duration::from_millis(1), || scene.term(voter) == scene.term(rival));
    scene.traffic.pass(asked.clone());
    scene.traffic.release(asked);
    scene.write();
    let why = format!(
        "server {voter} has heard from it since it would have voted for server {rival}, and so does not vote for it, also \
         if a reply has brought it into the same term"
    );
    Ok(finish(scene.expect_nothing_old(&why, |_| {})))
}

/// How long a reply to a late request may take.
const ANSWER: Duration = Duration::from_millis(10);

/// How many commands a new leader has to apply.
const WRITES: usize = 8;

/// How many clerks read, and how long after each other they begin.
const READERS: usize = 16;
const APART: Duration = Duration::from_millis(2);

/// How long each save takes of a service that makes a snapshot after each command.
const SAVE: Duration = Duration::from_millis(5);

/// A new leader has much to apply when it has committed an entry of its own, and clerks ask it meanwhile.
pub(super) fn backlog(run: &Run) -> Summary {
    until_played(run, 4, read_behind)
}

fn read_behind(run: &Run) -> Result<Summary, KvCluster> {
    let cluster = KvCluster::new(3, Some(1), run);
    for server in 0..3 {
        cluster.restart_on(server, Machine { save_time: SAVE, ..Machine::default() });
    }
    cluster.client().put("x", OLD);
    let scene = Scene::on(cluster);
    let readers = (0..READERS).map(|_| scene.cluster.client_of(&scene.others));
    let readers: Vec<Client> = readers.collect();
    if !scene.commit_unheard(WRITES) {
        return Err(scene.cluster);
    }
    scene.cluster.crash(scene.leader);
    scene.cluster.check_one_leader();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let gets = readers.into_iter().map(|mut reader| {
        let seen = seen.clone();
        thread::sleep(APART);
        Pending::begin(move || {
            let value = reader.get("x");
            seen.lock().push(value);
        })
    });
    for get in gets.collect::<Vec<_>>() {
        get.wait_or_tell("a Get at a new leader", || scene.cluster.open_calls());
    }
    let seen = seen.lock();
    expect(
        seen.iter().all(|value| value == NEW),
        format_args!(
            "{READERS} Gets at a new leader return \"{NEW}\", which was written before they began: it reads when an entry \
             of its own term is committed, and it has applied all up to there"
        ),
        format_args!("they returned {seen:?}"),
    );
    Ok(scene.cluster.finish())
}
