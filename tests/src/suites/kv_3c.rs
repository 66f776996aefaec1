//! 3C: reads without an entry in the log.

use std::thread;
use std::time::Duration;

use super::expect::expect;
use super::kv_3c_hand_over::{hand_over, late_hand_over};
use super::kv_3c_stale::{
    answered_by_one, backlog, cut_off_leader, late_replies, late_vote, restarted_voter, slow_clock,
    unheard_commit,
};
use super::kv_calls::Pending;
use super::limits::LIMIT;
use super::script::{Traffic, requests};
use crate::case::{Case, Run, Summary};
use crate::harness::KvCluster;

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "3C", name, title, limit: LIMIT, optional: true, run }
}

pub(super) const CASES: &[Case] = &[
    case("not_logged", "a Get leaves nothing in the log", not_logged),
    case("few_messages", "Gets under a lease take no messages between servers", few_messages),
    case("first_read", "a new leader reads although nobody writes", first_read),
    case("cut_off_leader", "a leader that is cut off reads nothing old", cut_off_leader),
    case(
        "answered_by_one",
        "a leader of five that one follower hears has no lease",
        answered_by_one,
    ),
    case("late_replies", "late replies confirm no leader of now", late_replies),
    case("unheard_commit", "a new leader knows what was committed before it reads", unheard_commit),
    case("hand_over", "a leader that has handed its office over has no lease", hand_over),
    case("late_hand_over", "a hand-over that came to nothing may still come late", late_hand_over),
    case("restarted_voter", "a server that restarts breaks no lease", restarted_voter),
    case("slow_clock", "a lease ends in time by any clock", slow_clock),
    case("late_vote", "a server that hears from its leader votes for no other", late_vote),
    case("backlog", "a new leader applies what is committed before it reads", backlog),
];

/// How many bytes Raft's state may grow by while clerks only read.
const GROWTH: usize = 100;

/// How many Gets each clerk makes.
const GETS: usize = 40;

fn not_logged(run: &Run) -> Summary {
    let cluster = KvCluster::new(3, None, run);
    cluster.client().put("x", "1");
    thread::sleep(Duration::from_secs(1));
    let before: Vec<usize> = (0..3).map(|server| cluster.state_size(server)).collect();
    let calls = (0..5).map(|_| {
        let mut client = cluster.client();
        Pending::begin(move || (0..GETS).for_each(|_| drop(client.get("x"))))
    });
    let calls: Vec<Pending> = calls.collect();
    for call in calls {
        call.wait_or_tell("a Get while nothing fails", || cluster.open_calls());
    }
    for (server, before) in before.into_iter().enumerate() {
        let grown = cluster.state_size(server).saturating_sub(before);
        expect(
            grown <= GROWTH,
            format_args!(
                "{} Gets leave nothing in the log: Raft's state on server {server} grows by at most {GROWTH} bytes",
                5 * GETS
            ),
            format_args!("it grew by {grown}, from {before}"),
        );
    }
    cluster.finish()
}

/// How many RPCs a second three servers make besides.
const IDLE_REQUESTS: f64 = 30.0;

/// How many RPCs the first Gets may take, until there is a lease.
const FIRST_REQUESTS: f64 = 30.0;

fn few_messages(run: &Run) -> Summary {
    const GETS: usize = 300;
    let cluster = KvCluster::new(3, None, run);
    let traffic = Traffic::begin(cluster.network());
    let mut client = cluster.client();
    client.put("x", "1");
    thread::sleep(Duration::from_secs(1));
    let between = requests().from([0, 1, 2]).to([0, 1, 2]);
    let (before, begun) = (traffic.passed(&between), cluster.elapsed());
    for _ in 0..GETS {
        client.get("x");
    }
    let seconds = (cluster.elapsed() - begun).as_secs_f64();
    let spent = traffic.passed(&between) - before;
    let most = FIRST_REQUESTS + IDLE_REQUESTS * seconds;
    expect(
        spent as f64 <= most,
        format_args!(
            "{GETS} Gets take no RPCs between servers but heartbeats, at most {most:.0} in {seconds:.1} s: a leader \
             that a majority has heard lately has a lease"
        ),
        format_args!("there were {spent}"),
    );
    cluster.finish()
}

fn first_read(run: &Run) -> Summary {
    let cluster = KvCluster::new(3, None, run);
    cluster.client().put("x", "1");
    for _ in 0..3 {
        let leader = cluster.check_one_leader();
        cluster.restart_connected(leader);
        cluster.check_one_leader();
        let mut client = cluster.client();
        let call = Pending::begin(move || drop(client.get("x")));
        call.wait_or_tell("a Get at a leader in whose term nobody has written", || {
            cluster.open_calls()
        });
    }
    cluster.finish()
}
