//! Servers that were never started, for tests of what failures say. What they do, a test says.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use labrpc::{Conditions, Event, EventKind, Leg, Message, MessageId};
use protocol::{Index, Patch, Started, Term};

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

/// A server accepts a command of the test.
pub(crate) fn accept(
    cluster: &RaftCluster,
    server: usize,
    command: &str,
    (index, term): (Index, Term),
) {
    let mut proposals = cluster.servers.service.proposed.lock();
    proposals.propose(command.as_bytes());
    proposals.accept(command.as_bytes(), server, Started { index, term });
}

/// A server saves this state, and a snapshot if there is one.
pub(crate) fn save(cluster: &RaftCluster, server: usize, state: &[u8], snapshot: Option<&[u8]>) {
    let disk = &mut cluster.servers.slots[server].lock().disk;
    let state = Patch::between(&disk.state, state);
    disk.save("a server", &state, snapshot.map(<[u8]>::to_vec)).expect("it is a save");
}

/// A request is sent and arrives.
pub(crate) fn request(cluster: &RaftCluster, method: &str, from: usize, to: usize) {
    let id = next_message();
    for kind in [EventKind::Sent, EventKind::Delivered] {
        note(cluster, kind, (id, Leg::Request), method, [from, to], b"");
    }
}

/// A request is sent, arrives, and is answered.
pub(crate) fn call(cluster: &RaftCluster, method: &str, from: usize, to: usize) {
    call_with(cluster, from, to, method, b"");
}

/// The same with a request that has something in it.
pub(crate) fn call_with(
    cluster: &RaftCluster,
    from: usize,
    to: usize,
    method: &str,
    content: &[u8],
) {
    exchange(cluster, method, [from, to], content, b"");
}

/// The same with a reply that has something in it.
pub(crate) fn answered_call(cluster: &RaftCluster, method: &str, link: [usize; 2], reply: &[u8]) {
    exchange(cluster, method, link, b"", reply);
}

fn exchange(
    cluster: &RaftCluster,
    method: &str,
    [from, to]: [usize; 2],
    content: &[u8],
    reply: &[u8],
) {
    let id = next_message();
    for (kind, leg, parties, bytes) in [
        (EventKind::Sent, Leg::Request, [from, to], content),
        (EventKind::Delivered, Leg::Request, [from, to], content),
        (EventKind::Delivered, Leg::Reply, [to, from], reply),
    ] {
        note(cluster, kind, (id, leg), method, parties, bytes);
    }
}

/// A request that is under way.
pub(crate) struct OpenRequest {
    id: MessageId,
    method: &'static str,
    link: [usize; 2],
    content: Vec<u8>,
}

impl OpenRequest {
    /// It arrives.
    pub(crate) fn arrive(self, cluster: &RaftCluster) {
        let OpenRequest { id, method, link, content } = self;
        note(cluster, EventKind::Delivered, (id, Leg::Request), method, link, &content);
    }
}

/// A request with something in it is sent.
pub(crate) fn open_request(
    cluster: &RaftCluster,
    method: &'static str,
    link: [usize; 2],
    content: &[u8],
) -> OpenRequest {
    let id = next_message();
    note(cluster, EventKind::Sent, (id, Leg::Request), method, link, content);
    OpenRequest { id, method, link, content: content.to_vec() }
}

fn next_message() -> MessageId {
    static MESSAGES: AtomicU64 = AtomicU64::new(0);
    MessageId(MESSAGES.fetch_add(1, Ordering::Relaxed))
}

fn note(
    cluster: &RaftCluster,
    kind: EventKind,
    (call, leg): (MessageId, Leg),
    method: &str,
    parties: [usize; 2],
    bytes: &[u8],
) {
    let [from, to] = &parties.map(server_name);
    let message = Message { id: next_message(), call, leg, from, to, method, bytes };
    cluster.servers.wire().note(&Event { at: Instant::now(), message, kind });
}
