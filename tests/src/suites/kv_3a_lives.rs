//! 3A, continued: what a server must not take over from an earlier life, or from an earlier time as the leader.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use super::kv_calls::{Pending, introduce};
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
    case("new_clerks", "a clerk that is new after a restart is no old one", new_clerks),
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

/// All servers restart again and again, so that at least one of them leads in two of its lives.
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
    cluster.finish()
}
