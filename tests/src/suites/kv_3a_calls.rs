//! 3A, continued: single calls whose leader is deposed or killed, or whose messages come late.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use labrpc::Leg;
use parking_lot::Mutex;

use super::client_traffic::{Counter, release_one_by_one};
use super::expect::{expect, happens};
use super::kv_calls::{
    CALL_TIMEOUT, MANY_CLERKS, OTHER_LEADER, Pending, THREE_VALUES, append_at, expect_answered,
    introduce,
};
use super::limits::{ELECTION, LIMIT};
use super::value_checks::expect_each_once;
use crate::case::{Case, Run, Summary};
use crate::harness::{Client, KvCluster, Reach, server_name};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "3A", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
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
    case("killed_leader", "a server that is killed answers the requests that wait", killed_leader),
    case("clerk_rests", "a clerk pauses when all servers have refused its request", clerk_rests),
    case(
        "perhaps_committed",
        "a request that a deposed leader left in the log takes effect once",
        perhaps_committed,
    ),
    case("long_outage", "a call goes on until it is done, however long that takes", long_outage),
    case("late_request", "a request that arrives after the next one has no effect", late_request),
];

/// So many clerks ask a server more often than it is idle for a tenth of a second.
const ASKING: usize = 8;

/// Nothing is committed after the leader was cut off: no other command comes to the index of the request. Clerks ask that
/// server all the time, and cannot reach its successor. Then the same,
/// but the leader is elected again, because no log is longer: it leads in another term than that of the request, which is
/// committed only with a later one (section 5.4.2).
fn deposed_leader(run: &Run) -> Summary {
    let cluster = KvCluster::new(3, None, run);
    cluster.client().put("k", "");
    let mut asking: Vec<Client> = (0..ASKING).map(|_| cluster.client()).collect();
    asking.iter_mut().for_each(|client| introduce(client, "refused"));
    let leader = cluster.check_one_leader();
    let (call, reach, replies) = append_at_cut_off(&cluster, leader, THREE_VALUES[0]);
    let successor = cluster.check_one_leader();
    // These go on asking it, and it has to refuse them.
    let reaches: Vec<Reach> = asking.iter().map(Client::reach).collect();
    reaches.iter().for_each(|reach| reach.set(&[leader, 3 - leader - successor]));
    cluster.connect(leader);
    let refused: Vec<Pending> = asking
        .into_iter()
        .map(|mut client| Pending::begin(move || client.put("refused", "")))
        .collect();
    expect_answered(&replies, leader, "Append", OTHER_LEADER);
    reaches.iter().chain([&reach]).for_each(|reach| reach.set(&[0, 1, 2]));
    call.wait_or_tell("an Append that its leader could not carry out", || cluster.open_calls());
    refused.into_iter().for_each(|call| {
        call.wait_or_tell("a Put that a follower has refused", || cluster.open_calls())
    });
    expect_each_once(&mut cluster.client(), &THREE_VALUES[..1]);
    for (done, value) in THREE_VALUES.iter().enumerate().skip(1) {
        let leader = cluster.check_one_leader();
        let (call, reach, _) = append_at_cut_off(&cluster, leader, value);
        let successor = cluster.check_one_leader();
        let newer = cluster.get_state(successor).map(|(term, _)| term);
        cluster.connect(leader);
        happens(ELECTION, Duration::from_millis(1), || {
            cluster.get_state(leader).map(|(term, _)| term) >= newer
        });
        cluster.disconnect(successor);
        // The successor may not know that it no longer leads, and then keeps requests waiting.
        reach.set(&[leader, 3 - leader - successor]);
        cluster.check_one_leader();
        call.wait_or_tell("an Append at a leader that was deposed and leads again", || {
            cluster.open_calls()
        });
        cluster.connect(successor);
        expect_each_once(&mut cluster.client(), &THREE_VALUES[..=done]);
    }
    cluster.finish()
}

/// Two clients append at the same index: one at a leader that has been cut off, the other at its successor. Both
/// have made as many requests, so their numbers are equal. The old leader then gets the other request in the
/// place of its own, while its client still waits: but for chance, which is why this happens three times. The other
/// client goes on writing.
fn replaced_request(run: &Run) -> Summary {
    const PAIRS: [[&str; 2]; 3] =
        [["x 0 0 y", "x 0 1 y"], ["x 1 0 y", "x 1 1 y"], ["x 2 0 y", "x 2 1 y"]];
    let cluster = KvCluster::new(3, None, run);
    for (round, [replaced, kept]) in PAIRS.into_iter().enumerate() {
        let mut other = cluster.client();
        introduce(&mut other, "k");
        let leader = cluster.check_one_leader();
        let client = cluster.client();
        let (reach, name) = (client.reach(), client.name());
        let call = append_at(&cluster, leader, client, replaced, || {
            cluster.disconnect(leader);
            cluster.check_one_leader();
        });
        let replies = Counter::new(cluster.network(), move |message| {
            message.leg == Leg::Reply && message.to == name
        });
        other.reach().set(&[(leader + 1) % 3, (leader + 2) % 3]);
        other.append("k", kept);
        cluster.connect(leader);
        while_busy(&mut other, || expect_answered(&replies, leader, "Append", OTHER_LEADER));
        reach.set(&[0, 1, 2]);
        call.wait_or_tell("an Append whose place in the log was taken", || cluster.open_calls());
        expect_each_once(&mut cluster.client(), PAIRS[..=round].as_flattened());
    }
    cluster.finish()
}

/// Does something while a client goes on writing, so that servers apply commands all the time.
fn while_busy(client: &mut Client, act: impl FnOnce()) {
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                client.put("busy", "");
                thread::sleep(Duration::from_millis(20));
            }
        });
        act();
        is_done.store(true, Ordering::Relaxed);
    });
}

/// One request waits at a server when it is killed; another one arrives later.
fn killed_leader(run: &Run) -> Summary {
    let cluster = KvCluster::new(3, None, run);
    let mut late = cluster.client();
    introduce(&mut late, "k");
    let leader = cluster.check_one_leader();
    let (call, reach, replies) = append_at_cut_off(&cluster, leader, THREE_VALUES[0]);
    let late_reach = late.reach();
    late_reach.set(&[leader]);
    cluster.kill(leader);
    let late_call = Pending::begin(move || late.append("k", THREE_VALUES[1]));
    expect_answered(&replies, leader, "Append", "it was killed");
    [&reach, &late_reach].into_iter().for_each(|reach| reach.set(&[]));
    cluster.check_end(leader);
    cluster.crash(leader);
    cluster.check_one_leader();
    [reach, late_reach].iter().for_each(|reach| reach.set(&[0, 1, 2]));
    for call in [call, late_call] {
        call.wait_or_tell("an Append that a killed server could not carry out", || {
            cluster.open_calls()
        });
    }
    expect_each_once(&mut cluster.client(), &THREE_VALUES[..2]);
    cluster.finish()
}

/// Cuts the leader off from the other servers, and has a client append to key "k" that reaches no other server.
/// Counts the leader's replies to it.
fn append_at_cut_off(
    cluster: &KvCluster,
    leader: usize,
    value: &'static str,
) -> (Pending, Reach, Counter) {
    let client = cluster.client();
    let (reach, name) = (client.reach(), client.name());
    let call = append_at(cluster, leader, client, value, || cluster.disconnect(leader));
    let replies = Counter::new(cluster.network(), move |message| {
        message.leg == Leg::Reply && message.to == name
    });
    (call, reach, replies)
}

/// All servers are down.
fn long_outage(run: &Run) -> Summary {
    const OUTAGE: Duration = Duration::from_secs(40);
    let cluster = KvCluster::new(3, None, run);
    let mut client = cluster.client();
    client.put("k", "");
    (0..3).for_each(|server| cluster.crash(server));
    let call = Pending::begin(move || client.append("k", THREE_VALUES[0]));
    thread::sleep(OUTAGE);
    expect(
        !call.has_returned(),
        "an Append returns when it is done: all servers are down",
        "it has returned",
    );
    (0..3).for_each(|server| cluster.restart_connected(server));
    cluster.check_one_leader();
    thread::sleep(CALL_TIMEOUT);
    call.wait_or_tell("an Append that a clerk began when all servers were down", || {
        cluster.open_calls()
    });
    expect_each_once(&mut cluster.client(), &THREE_VALUES[..1]);
    cluster.finish()
}

/// All servers can be reached, and none leads.
fn clerk_rests(run: &Run) -> Summary {
    const SECONDS: u64 = 2;
    const MOST: u64 = 500;
    let cluster = KvCluster::new(3, None, run);
    // A new clerk may ask the servers for its identity.
    let mut client = cluster.client();
    (0..3).for_each(|server| cluster.restart(server));
    let name = client.name();
    let requests = Counter::new(cluster.network(), move |message| {
        message.leg == Leg::Request && message.from == name
    });
    let call = Pending::begin(move || client.put("k", "v"));
    thread::sleep(Duration::from_secs(SECONDS));
    let each_second = requests.count() / SECONDS;
    expect(
        each_second <= MOST,
        format_args!(
            "a clerk sends at most {MOST} requests a second while no server leads: it pauses"
        ),
        format_args!("it sends {each_second} a second"),
    );
    (0..3).for_each(|server| cluster.connect(server));
    cluster.check_one_leader();
    call.wait_or_tell("a Put that had to wait for a leader", || cluster.open_calls());
    cluster.finish()
}

/// The followers have the entry, and the leader cannot know: it is heard and hears nothing. The next leader
/// commits the entry, and the clerk asks again.
fn perhaps_committed(run: &Run) -> Summary {
    let cluster = KvCluster::new(3, None, run);
    cluster.client().put("k", "");
    for (round, value) in THREE_VALUES[..2].iter().enumerate() {
        let leader = cluster.check_one_leader();
        let hears = |hears| {
            let others = (0..3).filter(|other| *other != leader);
            others.for_each(|other| {
                cluster.network().set_link(&server_name(other), &server_name(leader), hears);
            });
        };
        let client = cluster.client();
        let reach = client.reach();
        let call = append_at(&cluster, leader, client, value, || hears(false));
        cluster.disconnect(leader);
        hears(true);
        cluster.check_one_leader();
        cluster.connect(leader);
        reach.set(&[0, 1, 2]);
        call.wait_or_tell("an Append that its leader could not commit", || cluster.open_calls());
        expect_each_once(&mut cluster.client(), &THREE_VALUES[..=round]);
    }
    cluster.finish()
}

/// The clerk gives up the first attempts of two requests, which are still under way. They arrive after the clerk's next
/// requests, and after many of other clerks. So does that of a Put which has changed nothing, since its value was
/// there already: when it arrives, another one is.
fn late_request(run: &Run) -> Summary {
    let cluster = KvCluster::new(3, None, run);
    let network = cluster.network();
    let [again, client] = [(); 2].map(|()| Arc::new(Mutex::new(cluster.client())));
    again.lock().put("p", "first");
    let put_again = Pending::begin_late(network, &again, |client| client.put("p", "first"));
    client.lock().put("k", "");
    for value in &THREE_VALUES[..2] {
        let call = Pending::begin_late(network, &client, |client| client.append("k", value));
        thread::sleep(CALL_TIMEOUT);
        call.wait_or_tell("an Append whose first request came to nothing", || cluster.open_calls());
    }
    put_again.wait_or_tell("a Put whose first request came to nothing", || cluster.open_calls());
    cluster.client().put("p", "second");
    client.lock().append("k", THREE_VALUES[2]);
    write_much(&cluster);
    release_one_by_one(network);
    expect_each_once(&mut cluster.client(), &THREE_VALUES);
    let seen = cluster.client().get("p");
    expect(
        seen == "second",
        "key \"p\" holds \"second\", which was put last: a copy of an earlier Put of \"first\" arrives after it, and changes \
         nothing, as the Put has been carried out, though \"p\" held \"first\" already",
        format_args!("it holds {seen:?}"),
    );
    // The history of all calls is checked when the test ends.
    cluster.finish()
}

/// Many clerks make many requests: a service that remembers only the last thousand, or some clerks, or makes a snapshot
/// where it must never make one, shows it.
fn write_much(cluster: &KvCluster) {
    const WRITES: usize = 13;
    let value = "0".repeat(100);
    let clients: Vec<Client> = (0..MANY_CLERKS).map(|_| cluster.client()).collect();
    thread::scope(|scope| {
        for mut client in clients {
            let value = &value;
            scope.spawn(move || (0..WRITES).for_each(|_| client.put("other", value)));
        }
    });
    cluster.check_sizes();
}
