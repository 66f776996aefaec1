//! 3B: a key/value service that makes snapshots.

use std::thread;
use std::time::Duration;

use labrpc::{Decision, Leg};

use super::client_traffic::Counter;
use super::expect::{expect, happens};
use super::kv_calls::{
    MANY_CLERKS, OTHER_LEADER, Pending, THREE_VALUES, append_at, expect_answered, introduce,
};
use super::kv_elections::elect;
use super::kv_load::{self, Load};
use super::kv_speed::append_one_by_one;
use super::limits::{ELECTION, LIMIT};
use super::value_checks::{expect_each_once_by_snapshot, expect_value, the_answer};
use super::worker::Keys;
use crate::case::{Case, Run, Summary};
use crate::harness::{Client, KvCluster, server_name};
use crate::runner::{Class, Failure, fail};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "3B", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case("snapshot_rpc", "a server that missed many operations gets a snapshot", snapshot_rpc),
    case("snapshot_size", "snapshots hold no more than necessary", snapshot_size),
    case(
        "size_after_restart",
        "the log is cut at the right index also after a restart from a snapshot",
        size_after_restart,
    ),
    case("speed", "snapshots do not slow the service down", speed),
    case(
        "snapshot_recover",
        "no write is lost when servers restart from snapshots: one client",
        snapshot_recover,
    ),
    case(
        "snapshot_recover_many_clients",
        "no write is lost when servers restart from snapshots: twenty clients",
        snapshot_recover_many_clients,
    ),
    case(
        "snapshot_unreliable",
        "each write happens once despite lost messages, with snapshots",
        snapshot_unreliable,
    ),
    case(
        "snapshot_unreliable_recover",
        "no write is lost despite restarts from snapshots and lost messages",
        snapshot_unreliable_recover,
    ),
    case(
        "snapshot_unreliable_recover_concurrent_partition",
        "no write is lost despite restarts from snapshots, partitions and lost messages",
        snapshot_unreliable_recover_concurrent_partition,
    ),
    case(
        "snapshot_unreliable_recover_concurrent_partition_linearizable",
        "answers are linearizable despite restarts, partitions and lost messages",
        snapshot_unreliable_recover_concurrent_partition_linearizable,
    ),
    case(
        "repeated_after_restart",
        "a server that restarts from a snapshot recognizes old requests",
        repeated_after_restart,
    ),
    case(
        "repeated_after_install",
        "a server that was sent a snapshot recognizes old requests",
        repeated_after_install,
    ),
    case(
        "bursts",
        "no write is lost when servers restart from snapshots in the midst of many writes",
        bursts,
    ),
    case(
        "replaced_by_snapshot",
        "a request is not answered when a snapshot without it comes to its index",
        replaced_by_snapshot,
    ),
];

/// When a snapshot is due, in bytes of Raft's state.
const MAX_RAFT_STATE: usize = 1_000;

/// How often a test looks whether something has happened.
const POLL: Duration = Duration::from_millis(20);

fn speed(run: &Run) -> Summary {
    append_one_by_one(run, Some(MAX_RAFT_STATE))
}

fn snapshot_recover(run: &Run) -> Summary {
    kv_load::run(run, Load { restarts: true, ..Load::CALM_WITH_SNAPSHOTS })
}

fn snapshot_recover_many_clients(run: &Run) -> Summary {
    kv_load::run(run, Load { clients: 20, restarts: true, ..Load::CALM_WITH_SNAPSHOTS })
}

fn snapshot_unreliable(run: &Run) -> Summary {
    kv_load::run(run, Load { clients: 5, unreliable: true, ..Load::CALM_WITH_SNAPSHOTS })
}

fn snapshot_unreliable_recover(run: &Run) -> Summary {
    kv_load::run(
        run,
        Load { clients: 5, unreliable: true, restarts: true, ..Load::CALM_WITH_SNAPSHOTS },
    )
}

fn snapshot_unreliable_recover_concurrent_partition(run: &Run) -> Summary {
    let load =
        Load { unreliable: true, restarts: true, partitions: true, ..Load::CALM_WITH_SNAPSHOTS };
    kv_load::run(run, Load { clients: 5, ..load })
}

fn snapshot_unreliable_recover_concurrent_partition_linearizable(run: &Run) -> Summary {
    let load =
        Load { unreliable: true, restarts: true, partitions: true, ..Load::CALM_WITH_SNAPSHOTS };
    kv_load::run(run, Load { servers: 7, clients: 10, keys: Keys::Shared, ..load })
}

fn snapshot_rpc(run: &Run) -> Summary {
    let cluster = KvCluster::new(3, Some(MAX_RAFT_STATE), run);
    let mut client = cluster.client();
    client.put("a", "A");
    cluster.partition(&[&[0, 1], &[2]]);
    let mut majority = cluster.client_of(&[0, 1]);
    for number in 0..50 {
        majority.put(&number.to_string(), &number.to_string());
    }
    fill_logs(&mut majority);
    thread::sleep(ELECTION);
    majority.put("b", "B");
    cluster.check_sizes();

    // Server 2 can only get what it missed from server 0.
    cluster.partition(&[&[0, 2], &[1]]);
    let mut other = cluster.client_of(&[0, 2]);
    other.put("c", "C");
    other.put("d", "D");
    for (key, value) in [("a", "A"), ("b", "B"), ("1", "1"), ("49", "49")] {
        expect_get(&mut other, key, value);
    }
    // Server 2 has been sent a snapshot, and must go on making its own. Nothing is committed without it, so it needs no
    // other one from its leader.
    (0..2).for_each(|_| fill_logs(&mut other));
    cluster.check_sizes();

    cluster.heal();
    client.put("e", "E");
    for (key, value) in [("c", "C"), ("e", "E"), ("1", "1")] {
        expect_get(&mut client, key, value);
    }
    cluster.finish()
}

/// Writes so much that every log is trimmed, however compact its entries are.
fn fill_logs(client: &mut Client) {
    let long = "0".repeat(100);
    (0..50).for_each(|_| client.put("other", &long));
}

/// The same by many clerks that reach these servers, each of which is new: who remembers only some clerks forgets those
/// before.
fn fill_logs_by_many(cluster: &KvCluster, servers: &[usize]) {
    let long = "0".repeat(100);
    for _ in 0..MANY_CLERKS {
        cluster.client_of(servers).put("other", &long);
    }
}

fn expect_get(client: &mut Client, key: &str, expected: &str) {
    let seen = client.get(key);
    expect_value(key, expected, &seen, client);
}

fn snapshot_size(run: &Run) -> Summary {
    const SNAPSHOT_LIMIT: usize = 500;
    let cluster = KvCluster::new(3, Some(MAX_RAFT_STATE), run);
    let mut client = cluster.client();
    // So long that a log that is never trimmed gets too large, even if Gets leave no entries.
    let values = ["0", "1"].map(|digit| digit.repeat(24));
    for round in 0..200 {
        for value in &values {
            client.put("x", value);
            let seen = client.get("x");
            expect(
                seen == *value,
                format_args!("key \"x\" holds {value:?} in round {round}"),
                format_args!("{} is {seen:?}", the_answer(&client)),
            );
        }
    }
    cluster.check_sizes();
    // Gets fill the log, too, unless they leave no entries. The key is long to have fewer of them suffice.
    let missing = "y".repeat(24);
    (0..400).for_each(|_| drop(client.get(&missing)));
    cluster.check_sizes_after(", also if nothing but 400 Gets has come since the last one");
    let size = cluster.largest_snapshot();
    expect(
        size <= SNAPSHOT_LIMIT,
        format_args!(
            "a snapshot of one key, written by one clerk, has at most {SNAPSHOT_LIMIT} bytes: of each \
             clerk's requests, only the last must be remembered"
        ),
        format_args!("the largest has {size}"),
    );
    cluster.finish()
}

/// In their second lives, the servers apply about as many commands as the snapshots that they began from include. The
/// snapshots are much larger than the log may be.
fn size_after_restart(run: &Run) -> Summary {
    let cluster = KvCluster::new(3, Some(MAX_RAFT_STATE), run);
    let mut client = cluster.client();
    let large = "0".repeat(500);
    (0..40).for_each(|number| client.put(&number.to_string(), &large));
    let value = "0".repeat(24);
    for life in 0..2 {
        (0..400).for_each(|_| client.put("x", &value));
        cluster.check_sizes();
        if life == 0 {
            (0..3).for_each(|server| cluster.crash(server));
            (0..3).for_each(|server| cluster.restart_connected(server));
        }
    }
    expect_get(&mut client, "x", &value);
    cluster.finish()
}

/// Clerks write at the same moment, so that a service that proposes commands in batches makes snapshots when it has
/// applied some of a batch. Before the next snapshot all servers restart.
fn bursts(run: &Run) -> Summary {
    const CLERKS: usize = 10;
    const WRITES: usize = 4;
    let cluster = KvCluster::new(3, Some(MAX_RAFT_STATE), run);
    let mut reader = cluster.client();
    let keys = |clerk| (0..WRITES).map(move |write| format!("{clerk} {write}"));
    for round in 0..5 {
        let value = move |key: &str| format!("{round} {key} {}", "0".repeat(40));
        let begin = |clerk| {
            let mut client = cluster.client();
            Pending::begin(move || keys(clerk).for_each(|key| client.put(&key, &value(&key))))
        };
        let calls: Vec<Pending> = (0..CLERKS).map(begin).collect();
        calls.into_iter().for_each(|call| {
            call.wait_or_tell("each of 4 Puts, one after the other,", || cluster.open_calls())
        });
        (0..3).for_each(|server| cluster.crash(server));
        (0..3).for_each(|server| cluster.restart_connected(server));
        (0..CLERKS).flat_map(keys).for_each(|key| expect_get(&mut reader, &key, &value(&key)));
    }
    cluster.finish()
}

/// A request takes effect, and its clerk gets no answer. Snapshots trim the log, all servers restart, and the
/// clerk repeats the request.
fn repeated_after_restart(run: &Run) -> Summary {
    let cluster = KvCluster::new(3, Some(MAX_RAFT_STATE), run);
    let mut client = cluster.client();
    client.put("k", "");
    for (round, value) in THREE_VALUES.iter().enumerate() {
        let mut unlucky = cluster.client();
        introduce(&mut unlucky, "k");
        let reach = unlucky.reach();
        cluster.lose_replies_to(unlucky.number());
        let call = Pending::begin(move || unlucky.append("k", value));
        await_value(&mut client, value);
        // What comes after the request is in a snapshot with it.
        reach.set(&[]);
        fill_logs_by_many(&cluster, &[0, 1, 2]);
        cluster.check_sizes();
        (0..3).for_each(|server| cluster.crash(server));
        (0..3).for_each(|server| cluster.restart_connected(server));
        cluster.stop_losing_replies();
        reach.set(&[0, 1, 2]);
        client.put("other", "");
        call.wait_or_tell("an Append whose replies were lost", || cluster.open_calls());
        expect_each_once_by_snapshot(&mut client, &THREE_VALUES[..=round]);
    }
    cluster.finish()
}

/// A leader is cut off, and misses a request whose clerk gets no answer. It is sent a snapshot, it leads again, and the
/// clerk repeats the request. What clerks have read at it before counts no more.
fn repeated_after_install(run: &Run) -> Summary {
    let cluster = KvCluster::new(3, Some(MAX_RAFT_STATE), run);
    let mut client = cluster.client();
    introduce(&mut client, "k");
    let missing = cluster.check_one_leader();
    // One that is cut off may not know that it no longer leads, and then keeps requests waiting.
    let others = [(missing + 1) % 3, (missing + 2) % 3];
    client.reach().set(&others);
    cluster.disconnect(missing);
    let (mut writer, mut reader) = (cluster.client_of(&others), cluster.client_of(&others));
    [&mut writer, &mut reader].into_iter().for_each(|client| introduce(client, "k"));
    let reaches = [writer.reach(), reader.reach()];
    let unlucky = [writer.name(), reader.name()];
    cluster.network().intercept(move |message| {
        let is_lost = message.leg == Leg::Reply && unlucky.iter().any(|name| name == message.to);
        Decision::drop_if(is_lost)
    });
    let append = Pending::begin(move || writer.append("k", THREE_VALUES[0]));
    await_value(&mut client, THREE_VALUES[0]);
    let get = Pending::begin(move || {
        let seen = reader.get("k");
        expect(
            seen == THREE_VALUES[0],
            format_args!(
                "a Get of key \"k\" that is repeated at server {missing}, because its first answers were \
                 lost, reads {:?}: what server {missing} has missed it got as a snapshot",
                THREE_VALUES[0]
            ),
            format_args!("{} is {seen:?}", the_answer(&reader)),
        );
    });
    thread::sleep(Duration::from_millis(300));
    reaches.iter().for_each(|reach| reach.set(&[]));
    // The logs are trimmed after the requests.
    fill_logs_by_many(&cluster, &others);
    cluster.connect(missing);
    elect(&cluster, missing);
    client.reach().set(&[0, 1, 2]);
    // An entry of the new term commits those before it.
    client.put("other", "");
    reaches.iter().for_each(|reach| reach.set(&[missing]));
    thread::sleep(ELECTION);
    reaches.iter().for_each(|reach| reach.set(&[0, 1, 2]));
    append.wait_or_tell("an Append whose replies were lost", || cluster.open_calls());
    get.wait_or_tell("a Get whose replies were lost", || cluster.open_calls());
    expect_each_once_by_snapshot(&mut client, &THREE_VALUES[..1]);
    cluster.finish()
}

/// A leader that has been cut off gets a request for an index that a snapshot of its successor includes. It hears of
/// the successor first from the successor itself, together with the snapshot, while the request still waits.
fn replaced_by_snapshot(run: &Run) -> Summary {
    let cluster = KvCluster::new(3, Some(MAX_RAFT_STATE), run);
    let mut other = cluster.client();
    introduce(&mut other, "k");
    for (round, value) in THREE_VALUES.iter().enumerate() {
        let leader = cluster.check_one_leader();
        let others = [(leader + 1) % 3, (leader + 2) % 3];
        let client = cluster.client();
        let (reach, name) = (client.reach(), client.name());
        let call = append_at(&cluster, leader, client, value, || {
            cluster.disconnect(leader);
            cluster.check_one_leader();
            other.reach().set(&others);
            // The logs are trimmed after the index of the request.
            fill_logs(&mut other);
        });
        let replies = Counter::new(cluster.network(), move |message| {
            message.leg == Leg::Reply && message.to == name
        });
        let set_links_to_others = |up| {
            let names = [leader, others[0], others[1]].map(server_name);
            names[1..].iter().for_each(|to| cluster.network().set_link(&names[0], to, up));
        };
        cluster.connect(leader);
        set_links_to_others(false);
        expect_answered(&replies, leader, "Append", OTHER_LEADER);
        set_links_to_others(true);
        other.reach().set(&[0, 1, 2]);
        reach.set(&[0, 1, 2]);
        call.wait_or_tell("an Append whose place in the log was taken", || cluster.open_calls());
        expect_each_once_by_snapshot(&mut other, &THREE_VALUES[..=round]);
    }
    cluster.finish()
}

/// Waits until an Append to key "k" has taken effect.
fn await_value(client: &mut Client, value: &str) {
    const LIMIT: Duration = Duration::from_secs(4);
    let mut seen = String::new();
    let has_value = happens(LIMIT, POLL, || {
        seen = client.get("k");
        seen.contains(value)
    });
    if !has_value {
        fail(Failure::new(
            Class::NoProgress,
            format!(
                "an Append of {value:?} to key \"k\" takes effect within {} s: a majority of the servers is up and \
                 connected, and only the replies to its client are lost",
                LIMIT.as_secs()
            ),
            format!("then {} to a Get is {seen:?}", the_answer(client)),
        ));
    }
}
