//! Clients that propose commands while servers and messages are disturbed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use protocol::Started;

use super::expect::expect;
use super::limits::ELECTION;
use crate::harness::RaftCluster;

/// Has each of so many clients propose commands with `propose`, which gets the client's number, as long as `disturb`
/// runs. `disturb` ends with all servers up and connected. Then what any client has seen applied must be in the log,
/// on all servers.
pub(super) fn propose_while(
    cluster: &RaftCluster,
    clients: usize,
    propose: impl Fn(usize, &str) -> Option<Started> + Sync,
    disturb: impl FnOnce(),
) {
    let stop = AtomicBool::new(false);
    let seen: Vec<String> = thread::scope(|scope| {
        let (propose, stop) = (&propose, &stop);
        let start = |client| scope.spawn(move || run_client(cluster, client, propose, stop));
        let clients: Vec<_> = (0..clients).map(start).collect();
        disturb();
        stop.store(true, Ordering::Relaxed);
        let join = |client: thread::ScopedJoinHandle<'_, Vec<String>>| {
            client.join().expect("a client reports failures itself")
        };
        clients.into_iter().flat_map(join).collect()
    });
    thread::sleep(ELECTION);
    let servers = cluster.size();
    let last = cluster.one_with_retry(&cluster.random_command(), servers);
    let log: Vec<String> =
        (1..=last).filter_map(|index| cluster.wait(index, servers, None)).collect();
    for command in &seen {
        expect(
            log.contains(command),
            format_args!("{command:?} stays in the log: a client saw it applied"),
            format_args!("it is not among the {} commands up to index {last}", log.len()),
        );
    }
}

/// Has a client propose each command to all servers.
pub(super) fn propose_to_all(
    cluster: &RaftCluster,
) -> impl Fn(usize, &str) -> Option<Started> + Sync {
    |_, command| cluster.start_on_all(command).last().map(|(_, started)| *started)
}

/// Connects a server, and restarts it first if it is down.
pub(super) fn bring_back(cluster: &RaftCluster, server: usize) {
    if !cluster.is_running(server) {
        cluster.restart(server);
    }
    cluster.connect(server);
}

/// Proposes one command after the other. Returns those that it has seen applied.
fn run_client(
    cluster: &RaftCluster,
    client: usize,
    propose: &impl Fn(usize, &str) -> Option<Started>,
    stop: &AtomicBool,
) -> Vec<String> {
    let mut seen = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let command = cluster.random_command();
        let Some(started) = propose(client, &command) else {
            thread::sleep(Duration::from_millis(79 + 17 * client as u64));
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
