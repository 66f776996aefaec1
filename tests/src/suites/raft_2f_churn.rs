//! 2F, continued: members come and go while clients write, and servers and messages fail.

use std::thread;
use std::time::{Duration, Instant};

use super::churn_clients::{bring_back, propose_to_all, propose_while};
use super::expect::expect;
use super::limits::ELECTION;
use super::member_steps::CHANGE;
use crate::case::{Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

/// How many servers there are, and how many of them are members at first.
const SERVERS: usize = 5;
const MEMBERS: usize = 3;

/// How often something happens to a server.
const ROUNDS: usize = 20;

/// How long the last changes may take: a leader may still try to bring a server up to date.
const ALL_JOIN: Duration = Duration::from_secs(40);

/// With logs that are never cut.
pub(super) fn churn(run: &Run) -> Summary {
    change_and_disturb(run, Snapshots::Off)
}

/// With snapshots, which must then hold who the members are.
pub(super) fn snapshot_churn(run: &Run) -> Summary {
    change_and_disturb(run, Snapshots::On)
}

fn change_and_disturb(run: &Run, snapshots: Snapshots) -> Summary {
    let cluster = RaftCluster::with_members(SERVERS, MEMBERS, snapshots, run);
    cluster.set_reliable(false);
    propose_while(&cluster, 3, propose_to_all(&cluster), || {
        for _ in 0..ROUNDS {
            disturb(&cluster);
            change(&cluster);
            // Long enough for some agreements, too short for all servers to catch up.
            thread::sleep(ELECTION * 7 / 10);
        }
        cluster.set_reliable(true);
        (0..SERVERS).for_each(|server| bring_back(&cluster, server));
        all_must_join(&cluster);
    });
    cluster.finish()
}

/// Cuts off, restarts or crashes a server, or none.
fn disturb(cluster: &RaftCluster) {
    if cluster.by_chance(200, 1_000) {
        cluster.disconnect(cluster.draw(SERVERS as u64) as usize);
    }
    if cluster.draw(1_000) < 600 {
        bring_back(cluster, cluster.draw(SERVERS as u64) as usize);
    }
    if cluster.by_chance(200, 1_000) {
        cluster.crash_in_action(cluster.draw(SERVERS as u64) as usize);
    }
}

/// Has each server that says that it leads add or remove one. At least three members stay, so that one may crash.
fn change(cluster: &RaftCluster) {
    let server = cluster.draw(SERVERS as u64) as usize;
    for leader in 0..SERVERS {
        if !leads(cluster, leader) {
            continue;
        }
        let members = cluster.members(leader).unwrap_or_default();
        if !members.contains(&server) {
            cluster.add_server(leader, server);
        } else if members.len() > MEMBERS {
            cluster.remove_server(leader, server);
        }
    }
}

fn leads(cluster: &RaftCluster, server: usize) -> bool {
    cluster.get_state(server).is_some_and(|(_, leads)| leads)
}

/// Fails the test unless all servers can be made members, now that nothing fails any more. A removal may still be under
/// way, so they must stay members for as long as a change may take.
fn all_must_join(cluster: &RaftCluster) {
    let begun = Instant::now();
    let (mut known, mut complete_since) = (Vec::new(), None);
    while begun.elapsed() < ALL_JOIN {
        for leader in (0..SERVERS).filter(|server| leads(cluster, *server)) {
            known = cluster.members(leader).unwrap_or_default();
            match (0..SERVERS).find(|server| !known.contains(server)) {
                Some(outside) => {
                    cluster.add_server(leader, outside);
                    complete_since = None;
                }
                None if complete_since.get_or_insert_with(Instant::now).elapsed() > CHANGE => {
                    return;
                }
                None => {}
            }
        }
        thread::sleep(ELECTION / 10);
    }
    expect(
        false,
        format_args!(
            "all servers become members within {} s after the last fault",
            ALL_JOIN.as_secs()
        ),
        format_args!("the last leader that was asked knows the members {known:?}"),
    );
}
