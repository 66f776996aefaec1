//! 3A, continued: what a server must not take over from an earlier life, or from an earlier time as the leader.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use super::expect::expect;
use super::kv_calls::{ANSWER_LIMIT, Pending, introduce};
use super::kv_elections::elect;
use super::limits::LIMIT;
use super::value_checks::expect_each_once;
use crate::case::{Case, Run, Summary};
use crate::harness::{Client, KvCluster, Reach};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "3A", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "leads_again",
        "a leader that has lost requests answers new ones when it leads again",
        leads_again,
    ),
    case("new_clerks", "a clerk that is new is no other one", new_clerks),
];

/// How long after another a request comes: it is not in the same batch.
const BETWEEN: Duration = Duration::from_millis(100);

/// Requests wait at a leader that is cut off, one after the other. Its successor commits another one at the index of the
/// first, and nothing at those of the others. When the old leader leads again, a single request comes there.
fn leads_again(run: &Run) -> Summary {
    const LOST: [[&str; 3]; 2] =
        [["x 0 0 y", "x 1 0 y", "x 2 0 y"], ["x 0 1 y", "x 1 1 y", "x 2 1 y"]];
    const KEPT: [[&str; 2]; 2] = [["x 3 0 y", "x 3 1 y"], ["x 3 2 y", "x 3 3 y"]];
    let cluster = KvCluster::new(3, None, run);
    let other = Arc::new(Mutex::new(cluster.client()));
    introduce(&mut other.lock(), "k");
    for (round, (lost, [meanwhile, again])) in LOST.into_iter().zip(KEPT).enumerate() {
        let mut clients = lost.map(|_| cluster.client());
        clients.iter_mut().for_each(|client| introduce(client, "k"));
        let reaches: Vec<Reach> = clients.iter().map(Client::reach).collect();
        let leader = cluster.check_one_leader();
        reaches.iter().for_each(|reach| reach.set(&[leader]));
        cluster.disconnect(leader);
        let begin = |(value, mut client): (&'static str, Client)| {
            let call = Pending::begin(move || client.append("k", value));
            thread::sleep(BETWEEN);
            call
        };
        let calls: Vec<Pending> = lost.into_iter().zip(clients).map(begin).collect();
        cluster.check_one_leader();
        let reach = other.lock().reach();
        reach.set(&[(leader + 1) % 3, (leader + 2) % 3]);
        other.lock().append("k", meanwhile);
        // They ask nobody else.
        reaches.iter().for_each(|reach| reach.set(&[]));
        cluster.connect(leader);
        elect(&cluster, leader);
        reach.set(&[0, 1, 2]);
        let writer = other.clone();
        let call = Pending::begin(move || writer.lock().append("k", again));
        let what = "an Append, the first one at a leader that has lost requests and leads again,";
        call.wait_or_tell(what, || cluster.open_calls());
        reaches.iter().for_each(|reach| reach.set(&[0, 1, 2]));
        calls.into_iter().for_each(|call| {
            call.wait_or_tell("an Append that its leader has lost", || cluster.open_calls())
        });
        let values = [LOST[..=round].as_flattened(), KEPT[..=round].as_flattened()].concat();
        expect_each_once(&mut cluster.client(), &values);
    }
    cluster.finish()
}

/// All servers restart again and again, so that at least one of them leads in two of its lives. Then clerks are new at a
/// leader that is cut off, and others at its successor.
fn new_clerks(run: &Run) -> Summary {
    const LIVES: usize = 5;
    const CLERKS: usize = 2;
    let cluster = KvCluster::new(3, None, run);
    let values: Vec<String> = (0..LIVES)
        .flat_map(|life| (0..CLERKS).map(move |clerk| format!("x {life} {clerk} y")))
        .collect();
    for values in values.chunks(CLERKS) {
        for value in values {
            cluster.client().append("k", value);
        }
        (0..3).for_each(|server| cluster.crash(server));
        thread::sleep(Duration::from_millis(100));
        (0..3).for_each(|server| cluster.restart_connected(server));
    }
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    expect_each_once(&mut cluster.client(), &values);
    new_at_two_leaders(&cluster);
    cluster.finish()
}

/// Each clerk writes for the first time, and may ask for a number before that. What the old leader tells those that come to
/// it is not committed. They reach no other server, and it leads again.
fn new_at_two_leaders(cluster: &KvCluster) {
    const FIRST: [&str; 4] = ["y 0 0 z", "y 1 0 z", "y 2 0 z", "y 3 0 z"];
    const OTHERS: [&str; 4] = ["y 4 0 z", "y 5 0 z", "y 6 0 z", "y 7 0 z"];
    let leader = cluster.check_one_leader();
    let others = [(leader + 1) % 3, (leader + 2) % 3];
    let append = |servers: &[usize], value: &str| cluster.client_of(servers).append("new", value);
    cluster.disconnect(leader);
    thread::scope(|scope| {
        FIRST.iter().for_each(|value| drop(scope.spawn(|| append(&[leader], value))));
        cluster.check_one_leader();
        let others = OTHERS.map(|value| scope.spawn(move || append(&others, value)));
        others.into_iter().for_each(|other| other.join().expect("a failure ends the test"));
        cluster.connect(leader);
        // A server that no longer leads has so long to answer.
        thread::sleep(ANSWER_LIMIT);
        elect(cluster, leader);
    });
    let seen = cluster.client().get("new");
    let mut found: Vec<&str> = seen.split_inclusive('z').collect();
    found.sort_unstable();
    expect(
        found == [FIRST, OTHERS].concat(),
        format_args!(
            "each of eight new clerks, four of them at a leader that was cut off, has appended a value to key \"new\" once: \
             what a server tells a new clerk is committed"
        ),
        format_args!("it holds {seen:?}"),
    );
}
