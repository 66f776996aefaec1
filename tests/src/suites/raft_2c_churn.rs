//! 2C, continued: clients at work while servers fail and restart.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::expect::expect;
use super::limits::ELECTION;
use crate::case::{Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

/// On a reliable network.
pub(super) fn reliable_churn(run: &Run) -> Summary {
    churn(run, true)
}

/// On an unreliable network.
pub(super) fn unreliable_churn(run: &Run) -> Summary {
    churn(run, false)
}

fn churn(run: &Run, reliable: bool) -> Summary {
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    cluster.set_reliable(reliable);
    let stop = AtomicBool::new(false);
    let seen: Vec<String> = thread::scope(|scope| {
        let clients: Vec<_> = (0..3)
            .map(|client| {
                let (cluster, stop) = (&cluster, &stop);
                scope.spawn(move || churn_client(cluster, client, stop))
            })
            .collect();
        disturb(&cluster);
        thread::sleep(ELECTION);
        cluster.set_reliable(true);
        (0..5).for_each(|server| bring_back(&cluster, server));
        stop.store(true, Ordering::Relaxed);
        let join = |client: thread::ScopedJoinHandle<'_, Vec<String>>| {
            client.join().expect("a client reports failures itself")
        };
        clients.into_iter().flat_map(join).collect()
    });
    thread::sleep(ELECTION);

    let last = cluster.one_with_retry(&cluster.random_command(), 5);
    let log: Vec<String> = (1..=last).filter_map(|index| cluster.wait(index, 5, None)).collect();
    for command in &seen {
        expect(
            log.contains(command),
            format_args!("{command:?} stays in the log: a client saw it applied"),
            format_args!("it is not among the {} commands up to index {last}", log.len()),
        );
    }
    cluster.finish()
}

/// Proposes commands to all servers. Returns those that it has seen applied.
fn churn_client(cluster: &RaftCluster, client: u64, stop: &AtomicBool) -> Vec<String> {
    let mut seen = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let command = cluster.random_command();
        let accepted = cluster.start_on_all(&command).last().map(|(_, started)| *started);
        let Some(started) = accepted else {
            thread::sleep(Duration::from_millis(79 + 17 * client));
            continue;
        };
        for pause in [20, 30, 50, 100, 200] {
            if let Some(found) = cluster.committed_command(started.index) {
                if found == command {
                    seen.push(command);
                }
                break;
            }
            thread::sleep(Duration::from_millis(pause));
        }
    }
    seen
}

/// Connects a server, and restarts it first if it is down.
fn bring_back(cluster: &RaftCluster, server: usize) {
    if !cluster.is_running(server) {
        cluster.restart(server);
    }
    cluster.connect(server);
}

/// Cuts off, restarts and crashes servers for 14 s.
fn disturb(cluster: &RaftCluster) {
    for _ in 0..20 {
        if cluster.draw(1_000) < 200 {
            cluster.disconnect(cluster.draw(5) as usize);
        }
        if cluster.draw(1_000) < 500 {
            bring_back(cluster, cluster.draw(5) as usize);
        }
        if cluster.draw(1_000) < 200 {
            cluster.crash_in_action(cluster.draw(5) as usize);
        }
        // Long enough for some agreements, too short for all servers to catch up.
        thread::sleep(ELECTION * 7 / 10);
    }
}
