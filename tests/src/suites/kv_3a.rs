//! 3A: a key/value service, without snapshots.

use std::thread;
use std::time::Duration;

use labrpc::{Decision, Leg};

use super::client_traffic::is_of_raft;
use super::expect::expect;
use super::kv_calls::{Pending, THREE_VALUES, introduce};
use super::kv_load::{self, Load};
use super::kv_speed::append_one_by_one;
use super::limits::{ELECTION, LIMIT};
use super::value_checks::{about, expect_each_once, expect_put_once, expect_value, the_answer};
use super::worker::Keys;
use crate::case::{Case, Run, Summary};
use crate::harness::{Client, KvCluster};
use crate::runner::{Class, Failure, fail};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "3A", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case("basic", "one client reads what it has written", basic),
    case("speed", "an operation takes at most a third of a heartbeat interval", speed),
    case("concurrent", "five clients read what they have written, at the same time", concurrent),
    case("unreliable", "each write happens once despite lost messages", unreliable),
    case(
        "unreliable_one_key",
        "five clients append to one key, each value once and in order",
        unreliable_one_key,
    ),
    case("one_partition", "only the side with a majority answers", one_partition),
    case(
        "many_partitions_one_client",
        "no write is lost when partitions come and go: one client",
        many_partitions_one_client,
    ),
    case(
        "many_partitions_many_clients",
        "no write is lost when partitions come and go: five clients",
        many_partitions_many_clients,
    ),
    case(
        "persist_one_client",
        "no write is lost when all servers restart: one client",
        persist_one_client,
    ),
    case(
        "persist_concurrent",
        "no write is lost when all servers restart: five clients",
        persist_concurrent,
    ),
    case(
        "persist_concurrent_unreliable",
        "no write is lost despite restarts and lost messages",
        persist_concurrent_unreliable,
    ),
    case(
        "persist_partition",
        "no write is lost despite restarts and partitions",
        persist_partition,
    ),
    case(
        "persist_partition_unreliable",
        "no write is lost despite restarts, partitions and lost messages",
        persist_partition_unreliable,
    ),
    case(
        "persist_partition_unreliable_linearizable",
        "answers are linearizable despite restarts, partitions and lost messages",
        persist_partition_unreliable_linearizable,
    ),
    case(
        "one_key_linearizable",
        "answers about one key are linearizable despite partitions and lost messages",
        one_key_linearizable,
    ),
    case(
        "twice_in_the_log",
        "a request that is in the log twice takes effect once",
        twice_in_the_log,
    ),
    case(
        "lost_replies",
        "a request that is repeated after it took effect has no second effect",
        lost_replies,
    ),
];

fn basic(run: &Run) -> Summary {
    kv_load::run(run, Load::CALM)
}

fn concurrent(run: &Run) -> Summary {
    kv_load::run(run, Load { clients: 5, ..Load::CALM })
}

fn unreliable(run: &Run) -> Summary {
    kv_load::run(run, Load { clients: 5, unreliable: true, ..Load::CALM })
}

fn many_partitions_one_client(run: &Run) -> Summary {
    kv_load::run(run, Load { partitions: true, ..Load::CALM })
}

fn many_partitions_many_clients(run: &Run) -> Summary {
    kv_load::run(run, Load { clients: 5, partitions: true, ..Load::CALM })
}

fn persist_one_client(run: &Run) -> Summary {
    kv_load::run(run, Load { restarts: true, ..Load::CALM })
}

fn persist_concurrent(run: &Run) -> Summary {
    kv_load::run(run, Load { clients: 5, restarts: true, ..Load::CALM })
}

fn persist_concurrent_unreliable(run: &Run) -> Summary {
    kv_load::run(run, Load { clients: 5, restarts: true, unreliable: true, ..Load::CALM })
}

fn persist_partition(run: &Run) -> Summary {
    kv_load::run(run, Load { clients: 5, restarts: true, partitions: true, ..Load::CALM })
}

fn persist_partition_unreliable(run: &Run) -> Summary {
    let load = Load { restarts: true, partitions: true, unreliable: true, ..Load::CALM };
    kv_load::run(run, Load { clients: 5, ..load })
}

fn persist_partition_unreliable_linearizable(run: &Run) -> Summary {
    let load = Load { restarts: true, partitions: true, unreliable: true, ..Load::CALM };
    kv_load::run(run, Load { servers: 7, clients: 10, keys: Keys::Shared, ..load })
}

fn one_key_linearizable(run: &Run) -> Summary {
    let load = Load { partitions: true, unreliable: true, ..Load::CALM };
    kv_load::run(run, Load { clients: 8, keys: Keys::One, ..load })
}

fn speed(run: &Run) -> Summary {
    append_one_by_one(run, None)
}

fn unreliable_one_key(run: &Run) -> Summary {
    const CLIENTS: usize = 5;
    const APPENDS: usize = 10;
    let cluster = KvCluster::new(3, None, run);
    cluster.set_reliable(false);
    let mut reader = cluster.client();
    reader.put("k", "");
    let clients: Vec<Client> = (0..CLIENTS).map(|_| cluster.client()).collect();
    thread::scope(|scope| {
        for (number, mut client) in clients.into_iter().enumerate() {
            scope.spawn(move || {
                (0..APPENDS).for_each(|at| client.append("k", &format!("x {number} {at} y")));
            });
        }
    });
    let value = reader.get("k");
    for number in 0..CLIENTS {
        let of_client = |part: &&str| part.starts_with(&format!("x {number} "));
        let seen: String = value.split_inclusive('y').filter(of_client).collect();
        let expected: String = (0..APPENDS).map(|at| format!("x {number} {at} y")).collect();
        expect_value("k", &expected, &seen, &reader);
    }
    cluster.finish()
}

fn one_partition(run: &Run) -> Summary {
    let cluster = KvCluster::new(5, None, run);
    let mut first = cluster.client();
    first.put("1", "13");
    // Its leader may remember this answer, but must not give it any more when it has been cut off.
    first.get("1");
    let (minority, majority) = sides(&cluster);
    // A new clerk may ask the servers for its identity.
    let (mut putter, mut getter) = (cluster.client(), cluster.client());
    cluster.partition(&[&minority, &majority]);

    let mut client = cluster.client_of(&majority);
    client.put("1", "14");
    expect_get(&mut client, "14", "the side with a majority keeps working");

    let reaches = [putter.reach(), getter.reach()];
    reaches.iter().for_each(|reach| reach.set(&minority));
    let callers = [putter.name(), getter.name()];
    let put = Pending::begin(move || putter.put("1", "15"));
    let get = Pending::begin(move || {
        getter.get("1");
    });
    thread::sleep(Duration::from_secs(1));
    for ((call, what), caller) in [(&put, "a Put"), (&get, "a Get")].into_iter().zip(&callers) {
        let server = cluster.last_answer_to(caller).unwrap_or_default().replace('-', " ");
        expect(
            !call.has_returned(),
            format_args!("{what} on the side without a majority does not return"),
            format_args!("{server} has answered it within 1 s"),
        );
    }
    expect_get(&mut client, "14", "the side without a majority commits nothing");
    client.put("1", "16");
    expect_get(&mut client, "16", "the side with a majority keeps working");

    cluster.heal();
    let all: Vec<usize> = (0..5).collect();
    reaches.iter().for_each(|reach| reach.set(&all));
    thread::sleep(Duration::from_secs(1));
    put.wait_or_tell("the Put of \"15\" that had to wait", || cluster.open_calls());
    get.wait_or_tell("the Get that had to wait", || cluster.open_calls());
    expect_get(
        &mut first,
        "15",
        "the Put that had to wait took effect last, and was answered only then: not when another request was applied at \
         its place, nor as a repetition of another clerk's request",
    );
    cluster.finish()
}

/// Two servers, the leader among them, and the three others.
fn sides(cluster: &KvCluster) -> (Vec<usize>, Vec<usize>) {
    let leader = cluster.leader();
    let other = (leader + 1) % cluster.size();
    (0..cluster.size()).partition(|server| [leader, other].contains(server))
}

fn expect_get(client: &mut Client, expected: &str, why: &str) {
    let seen = client.get("1");
    if seen != expected {
        let (answer, about) = (the_answer(client), about(client, "1", expected));
        fail(Failure::new(
            Class::Assertion,
            format!("key \"1\" holds {expected:?}{about}: {why}"),
            format!("{answer} is {seen:?}"),
        ));
    }
}

/// While no server reaches another, clerks repeat their requests to the old leader, where each arrives twice. Then all
/// these entries are committed. At last requests arrive twice while others are under way.
fn twice_in_the_log(run: &Run) -> Summary {
    let cluster = KvCluster::new(3, None, run);
    let mut reader = cluster.client();
    reader.put("k", "");
    let mut clients = THREE_VALUES.map(|_| cluster.client());
    clients.iter_mut().for_each(|client| introduce(client, "k"));
    let leader = cluster.leader();
    cluster.partition(&[&[0], &[1], &[2]]);
    double_requests(&cluster);
    let calls: Vec<Pending> = THREE_VALUES
        .iter()
        .zip(clients)
        .map(|(value, mut client)| Pending::begin(move || client.append("k", value)))
        .collect();
    // Longer than any call on the network takes.
    thread::sleep(Duration::from_secs(8));
    for call in &calls {
        let expected = "an Append does not return while its server reaches no other server";
        expect(!call.has_returned(), expected, "one has returned, after 8 s without a majority");
    }
    cluster.network().stop_intercepting();
    // Of these two, only the old leader can be elected: it has all entries in its log.
    let other = (leader + 1) % 3;
    cluster.partition(&[&[leader, other], &[(leader + 2) % 3]]);
    // An entry of its new term commits the older ones.
    reader.append("k", "x 3 0 y");
    cluster.heal();
    // The third server has stood for election all the time, so there may be another election.
    cluster.check_one_leader();
    calls
        .into_iter()
        .for_each(|call| call.wait_or_tell("an Append that had to wait", || cluster.open_calls()));
    expect_each_once(&mut reader, &THREE_VALUES);
    arrive_twice(&cluster);
    cluster.finish()
}

/// Each request of some clerks arrives twice at the same moment, while others are under way.
fn arrive_twice(cluster: &KvCluster) {
    const CLIENTS: usize = 5;
    const APPENDS: usize = 20;
    double_requests(cluster);
    let values = |client| (0..APPENDS).map(move |number| format!("x {client} {number} twice y"));
    let calls = (0..CLIENTS).map(|number| {
        let mut client = cluster.client();
        Pending::begin(move || values(number).for_each(|value| client.append("k", &value)))
    });
    let calls: Vec<Pending> = calls.collect();
    calls.into_iter().for_each(|call| {
        call.wait_or_tell("each of 20 Appends, one after the other,", || cluster.open_calls())
    });
    cluster.network().stop_intercepting();
    let values: Vec<String> = (0..CLIENTS).flat_map(values).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    expect_each_once(&mut cluster.client(), &values);
}

/// From now on each request of a clerk arrives twice at the same moment.
fn double_requests(cluster: &KvCluster) {
    cluster.network().intercept(|message| {
        let is_of_clerk = message.leg == Leg::Request && !is_of_raft(message);
        if is_of_clerk { Decision::Duplicate } else { Decision::Pass }
    });
}

/// The clerk gets no answer until another server is leader.
fn lost_replies(run: &Run) -> Summary {
    let cluster = KvCluster::new(5, None, run);
    let mut reader = cluster.client();
    reader.put("k", "");
    for (round, value) in THREE_VALUES.iter().enumerate() {
        let mut client = cluster.client();
        introduce(&mut client, "k");
        cluster.lose_replies_to(client.number());
        let call = Pending::begin(move || client.append("k", value));
        // Long enough for several attempts.
        thread::sleep(Duration::from_millis(500));
        let leader = cluster.leader();
        cluster.disconnect(leader);
        thread::sleep(2 * ELECTION);
        cluster.stop_losing_replies();
        cluster.connect(leader);
        cluster.check_one_leader();
        call.wait_or_tell("an Append whose replies were lost", || cluster.open_calls());
        expect_each_once(&mut reader, &THREE_VALUES[..=round]);
    }
    repeated_put(&cluster);
    cluster.finish()
}

/// The clerk of a Put gets no answer, and others write to its key. All servers restart, and as long as no request comes,
/// the new leader cannot know which entries are committed: when the clerk repeats the Put, it has applied none.
fn repeated_put(cluster: &KvCluster) {
    let mut other = cluster.client();
    let mut client = cluster.client();
    introduce(&mut client, "p");
    cluster.lose_replies_to(client.number());
    let call = Pending::begin(move || client.put("p", THREE_VALUES[0]));
    thread::sleep(Duration::from_millis(500));
    let is_done = other.get("p") == THREE_VALUES[0];
    other.append("p", THREE_VALUES[1]);
    (0..cluster.size()).for_each(|server| cluster.crash(server));
    cluster.stop_losing_replies();
    (0..cluster.size()).for_each(|server| cluster.restart_connected(server));
    cluster.check_one_leader();
    call.wait_or_tell("a Put whose replies were lost", || cluster.open_calls());
    // Otherwise the Put may have taken effect after the Append.
    if is_done {
        expect_put_once("p", THREE_VALUES[0], THREE_VALUES[1], &mut other);
    }
}
