//! Servers that were never started, for tests of what failures say. What they do, a test says.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use labrpc::{Conditions, Event, EventKind, Leg, Message, MessageId};

use super::environment::Environment;
use super::log_service::LogService;
use super::names::server_name;
use super::{Cluster, RaftCluster, Snapshots};
use crate::case::Run;

/// Connected servers, each in its first life.
pub(crate) fn cluster(size: usize) -> RaftCluster {
    let run = Run::with_seed("1".parse().expect("it is a number"));
    let environment = Environment::new(Conditions::reliable(), &run);
    let plans = Snapshots::Off.plans(size, &run);
    let service = LogService::new(plans, None, environment.journal.clone());
    let cluster = Cluster::prepare(service, 0..size, &environment);
    for server in 0..size {
        restart(&cluster, server);
        cluster.connect(server);
    }
    cluster
}

/// A server starts, without its process.
pub(crate) fn restart(cluster: &RaftCluster, server: usize) {
    let servers = &cluster.servers;
    let told = servers.wire().start(&server_name(server));
    servers.elections.lock().restart(server, told);
    servers.service.ledger.lock().restart(server, 1, 0, None);
}

/// A server applies the next command.
pub(crate) fn apply(cluster: &RaftCluster, server: usize, command: &str) {
    let mut ledger = cluster.servers.service.ledger.lock();
    let next = ledger.last_applied(server) + 1;
    let step = ledger.apply(server, 1, next, command.as_bytes().to_vec());
    assert!(step.is_ok(), "it is the next one");
}

/// A request is sent and arrives.
pub(crate) fn request(cluster: &RaftCluster, method: &str, from: usize, to: usize) {
    note(cluster, EventKind::Sent, Leg::Request, method, [from, to]);
    note(cluster, EventKind::Delivered, Leg::Request, method, [from, to]);
}

/// A request is sent, arrives, and is answered.
pub(crate) fn call(cluster: &RaftCluster, method: &str, from: usize, to: usize) {
    request(cluster, method, from, to);
    note(cluster, EventKind::Delivered, Leg::Reply, method, [to, from]);
}

fn note(cluster: &RaftCluster, kind: EventKind, leg: Leg, method: &str, parties: [usize; 2]) {
    static MESSAGES: AtomicU64 = AtomicU64::new(0);
    let id = MessageId(MESSAGES.fetch_add(1, Ordering::Relaxed));
    let [from, to] = &parties.map(server_name);
    let message = Message { id, call: id, leg, from, to, method, bytes: &[] };
    cluster.servers.wire().note(&Event { at: Instant::now(), message, kind });
}
