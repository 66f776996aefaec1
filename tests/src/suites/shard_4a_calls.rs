//! 4A, continued: single calls whose replies are lost, whose leader is deposed, or that no server can help.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use labrpc::{Decision, Leg};
use protocol::Gid;

use super::client_traffic::{Counter, hold_next_request, release_all};
use super::ctrler_session::{MANY_QUERIES, SERVERS, Session};
use super::expect::{expect, happens};
use super::kv_calls::{CALL_TIMEOUT, OTHER_LEADER, Pending, expect_answered, expect_asked};
use super::limits::LIMIT;
use super::shard_configs::{expect_joined, names_of};
use crate::case::{Case, Run, Summary};
use crate::harness::{CtrlerClerk, Reach, group, server_name};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "4A", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case("repeated", "a change that is repeated after later ones has no second effect", repeated),
    case(
        "deposed_leader",
        "a leader that is deposed answers the requests that wait at it",
        deposed_leader,
    ),
    case(
        "replaced_request",
        "a request is not answered when another one is committed at its index",
        replaced_request,
    ),
    case("late_request", "a request that arrives after the next one has no effect", late_request),
    case("clerk_rests", "a clerk pauses when all servers have refused its request", clerk_rests),
];

/// A change that a clerk asks for, and its name.
type Change = (&'static str, fn(&CtrlerClerk));

const CHANGES: [Change; 3] = [
    ("a Join of group 3", |clerk| clerk.join(&group(3, &names_of(3)))),
    ("a Move of shard 0 to group 1", |clerk| clerk.move_shard(0, 1)),
    ("a Leave of group 3", |clerk| clerk.leave(&[3])),
];

/// How many queries come after each change but the first.
const QUERIES: u64 = 30;

/// A clerk gets no answer until another clerk has moved a shard and all servers have restarted.
fn repeated(run: &Run) -> Summary {
    let mut session = Session::new(run);
    session.join(&[1, 2]);
    for (number, (what, change)) in CHANGES.into_iter().enumerate() {
        let unlucky = session.cluster.named_clerk("unlucky");
        introduce(&unlucky);
        let before = session.clerk.query(None).number;
        session.cluster.network().intercept(|message| {
            let is_lost = message.leg == Leg::Reply && message.to == "unlucky";
            Decision::drop_if(is_lost)
        });
        let call = Pending::begin(move || change(&unlucky));
        await_number(&session, before + 1, what);
        session.clerk.move_shard(0, 2);
        // A controller that takes snapshots has the change in one when it restarts, with some luck.
        let queries = if number == 0 { MANY_QUERIES } else { QUERIES };
        (0..queries).for_each(|_| drop(session.clerk.query(None)));
        (0..SERVERS).for_each(|server| session.cluster.crash(server));
        (0..SERVERS).for_each(|server| session.cluster.restart_connected(server));
        session.clerk.query(None);
        session.cluster.network().stop_intercepting();
        call.wait(&format!("{what} whose replies were lost"));
        let config = session.clerk.query(None);
        session.operations += 7 + queries;
        expect(
            config.number == before + 2 && config.shards[0] == 2,
            format_args!(
                "{what} and a later Move of shard 0 to group 2 make configurations up to {}: each \
                 happens once, though the first was repeated",
                before + 2
            ),
            format_args!(
                "the latest is {}, in which shard 0 belongs to group {}",
                config.number, config.shards[0]
            ),
        );
    }
    session.finish()
}

/// Has a clerk make a change, which makes a configuration like the last one, and a query. Then it knows who leads, and
/// the servers know it: they may give it the number that its changes need (dissertation 6.3).
fn introduce(clerk: &CtrlerClerk) {
    const NOT_THERE: Gid = 999;
    clerk.leave(&[NOT_THERE]);
    clerk.query(None);
}

/// Waits until the latest configuration has this number.
fn await_number(session: &Session, number: u64, what: &str) {
    let (within, pause) = (Duration::from_secs(5), Duration::from_millis(20));
    expect(
        happens(within, pause, || session.clerk.query(None).number >= number),
        format_args!("{what} makes configuration {number} within 5 s, though replies are lost"),
        "there is no such configuration",
    );
}

fn deposed_leader(run: &Run) -> Summary {
    let mut session = Session::new(run);
    session.join(&[1]);
    let leader = session.cluster.check_one_leader();
    let (call, reach, replies) =
        join_at(&session, leader, 2, || session.cluster.disconnect(leader));
    session.cluster.check_one_leader();
    session.cluster.connect(leader);
    expect_answered(&replies, leader, "Join", OTHER_LEADER);
    reach.set(&[0, 1, 2]);
    call.wait("a Join that its leader could not carry out");
    session.operations += 3;
    expect_joined(&session.clerk.query(None), 2);
    session.finish()
}

/// Two clerks ask for a Join at the same index: one at a leader that has been cut off, the other at its successor.
/// Both have made as many requests. The old leader then gets the other request in the place of its own, while its
/// clerk still waits: but for chance, which is why this happens three times.
fn replaced_request(run: &Run) -> Summary {
    const PAIRS: [[Gid; 2]; 3] = [[1, 2], [3, 4], [5, 6]];
    let mut session = Session::new(run);
    for [replaced, kept] in PAIRS {
        let (other, reach_of_other) = session.cluster.clerk_with_reach("other");
        introduce(&other);
        let leader = session.cluster.check_one_leader();
        let (call, reach, replies) = join_at(&session, leader, replaced, || {
            session.cluster.disconnect(leader);
            session.cluster.check_one_leader();
        });
        reach_of_other.set(&[(leader + 1) % SERVERS, (leader + 2) % SERVERS]);
        other.join(&group(kept, &names_of(kept)));
        session.cluster.connect(leader);
        expect_answered(&replies, leader, "Join", OTHER_LEADER);
        reach.set(&[0, 1, 2]);
        call.wait("a Join whose place in the log was taken");
        session.operations += 7;
        let config = session.clerk.query(None);
        (1..replaced).chain([kept]).for_each(|gid| expect_joined(&config, gid));
        expect(
            config.groups.contains_key(&replaced),
            format_args!(
                "group {replaced} is in the configuration after its Join: server {leader} accepted it, lost its office, \
                 and answers only what was applied"
            ),
            format_args!(
                "it is not: the Join of group {kept} was applied at its place in the log; does the handler look whose \
                 request that was?"
            ),
        );
    }
    session.finish()
}

/// Has a clerk ask for the Join of a group, and reach only the leader, after `prepare`. Returns when the request
/// waits there. Counts the replies.
fn join_at(
    session: &Session,
    leader: usize,
    gid: Gid,
    prepare: impl FnOnce(),
) -> (Pending, Reach, Counter) {
    let (clerk, reach) = session.cluster.clerk_with_reach("waiting");
    introduce(&clerk);
    reach.set(&[leader]);
    prepare();
    let server = server_name(leader);
    let requests = Counter::new(session.cluster.network(), move |message| {
        message.leg == Leg::Request && message.from == "waiting" && message.to == server
    });
    let call = Pending::begin(move || clerk.join(&group(gid, &names_of(gid))));
    expect_asked(&requests, leader);
    thread::sleep(Duration::from_millis(100));
    let replies = Counter::new(session.cluster.network(), |message| {
        message.leg == Leg::Reply && message.to == "waiting"
    });
    (call, reach, replies)
}

/// The clerk gives up a first attempt that is still under way. It arrives after the clerk's next request.
fn late_request(run: &Run) -> Summary {
    let mut session = Session::new(run);
    session.join(&[1, 2]);
    let clerk = Arc::new(session.cluster.named_clerk("late"));
    introduce(&clerk);
    let before = session.clerk.query(None).number;
    hold_next_request(session.cluster.network(), "late".to_owned());
    // What a clerk that is gone has sent does not arrive.
    let caller = clerk.clone();
    let call = Pending::begin(move || [1, 2].iter().for_each(|gid| caller.move_shard(0, *gid)));
    thread::sleep(CALL_TIMEOUT);
    call.wait("a Move whose first request came to nothing");
    release_all(session.cluster.network());
    thread::sleep(Duration::from_millis(200));
    session.operations += 6;
    let config = session.clerk.query(None);
    expect(
        config.number == before + 2 && config.shards[0] == 2,
        format_args!(
            "a Move of shard 0 to group 1, and then one to group 2, make configurations up to {}: the late request \
             for the first one changes nothing",
            before + 2
        ),
        format_args!(
            "the latest is {}, in which shard 0 belongs to group {}",
            config.number, config.shards[0]
        ),
    );
    session.finish()
}

/// All servers can be reached, and none leads.
fn clerk_rests(run: &Run) -> Summary {
    const SECONDS: u64 = 2;
    const MOST: u64 = 500;
    let mut session = Session::new(run);
    (0..SERVERS).for_each(|server| session.cluster.restart(server));
    let clerk = session.cluster.clerk();
    let requests = Counter::new(session.cluster.network(), |message| {
        message.leg == Leg::Request && message.from == "clerk"
    });
    let call = Pending::begin(move || {
        clerk.query(None);
    });
    thread::sleep(Duration::from_secs(SECONDS));
    let each_second = requests.count() / SECONDS;
    expect(
        each_second <= MOST,
        format_args!(
            "a clerk sends at most {MOST} requests a second while no server leads: it pauses"
        ),
        format_args!("it sends {each_second} a second"),
    );
    (0..SERVERS).for_each(|server| session.cluster.connect(server));
    session.cluster.check_one_leader();
    call.wait("a Query that had to wait for a leader");
    session.operations += 1;
    session.finish()
}
