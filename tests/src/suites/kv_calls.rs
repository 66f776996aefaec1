//! Calls of clerks that a test makes on other threads.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};
use labrpc::{Leg, Network};
use parking_lot::Mutex;

use super::client_traffic::{Counter, hold_next_request};
use super::expect::{expect, happens};
use crate::harness::{Client, KvCluster, server_name};
use crate::runner::{Class, Failure, fail};

/// How long a call may take while its servers have a leader.
const CALL_LIMIT: Duration = Duration::from_secs(3);

/// How often a test looks whether calls have returned.
const POLL: Duration = Duration::from_millis(20);

/// How long a server that no longer leads, or that was killed, may keep a request waiting.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(3);

/// Longer than any call on the network takes.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_millis(7_100);

/// So many clerks that a table of the last 32 or 64 has no room for all of them.
pub(super) const MANY_CLERKS: usize = 80;

/// Why a server that led is to answer.
pub(super) const OTHER_LEADER: &str =
    "another server has been elected, and it is connected with the others again";

/// Values to append.
pub(super) const THREE_VALUES: [&str; 3] = ["x 0 0 y", "x 1 0 y", "x 2 0 y"];

/// A call on another thread.
pub(super) struct Pending(Receiver<()>);

impl Pending {
    /// Begins a call.
    pub(super) fn begin(call: impl FnOnce() + Send + 'static) -> Self {
        let (sender, receiver) = bounded(1);
        thread::spawn(move || {
            call();
            // The test may no longer wait for it.
            let _ = sender.send(());
        });
        Pending(receiver)
    }

    /// Begins a call of a client whose first request is held, and waits until it is. The caller keeps the client: what
    /// one that is gone has sent does not arrive.
    pub(super) fn begin_late(
        network: &Network,
        client: &Arc<Mutex<Client>>,
        call: impl FnOnce(&mut Client) + Send + 'static,
    ) -> Self {
        let before = network.held().len();
        hold_next_request(network, client.lock().name());
        let caller = client.clone();
        let pending = Pending::begin(move || call(&mut caller.lock()));
        // Another call may be made late next, and then no hook is left for this one.
        expect(
            happens(CALL_LIMIT, POLL, || network.held().len() > before),
            "a client sends a request when it is called",
            "it has sent none",
        );
        pending
    }

    /// Whether the call has returned.
    pub(super) fn has_returned(&self) -> bool {
        !self.0.is_empty()
    }

    /// Fails the test unless exactly `count` of these calls return: within 3 s, and no more in the second after that.
    /// The others cannot.
    pub(super) fn await_some(calls: &[Pending], count: usize, expected: &str) {
        let returned = || calls.iter().filter(|call| call.has_returned()).count();
        let are_enough = happens(CALL_LIMIT, POLL, || returned() >= count);
        if are_enough {
            thread::sleep(Duration::from_secs(1));
        }
        expect(
            returned() == count,
            format_args!("{expected}: {count} of {} return within 3 s", calls.len()),
            format_args!("{} have returned", returned()),
        );
    }

    /// Waits until the call returns. The servers that it needs have a leader: fails the test if it takes more than 3 s.
    pub(super) fn wait(self, what: &str) {
        self.wait_or_tell(what, String::new);
    }

    /// The same; a failure also tells the calls that have not returned, in words.
    pub(super) fn wait_or_tell(self, what: &str, open_calls: impl FnOnce() -> String) {
        if self.0.recv_timeout(CALL_LIMIT).is_ok() {
            return;
        }
        let open = match open_calls() {
            none if none.is_empty() => none,
            some => format!(": {some}"),
        };
        fail(Failure::new(
            Class::NoProgress,
            format!(
                "{what} returns within 3 s: a majority of the servers that it needs is up and connected, and has a \
                 leader"
            ),
            format!("it has not returned after 3 s{open}"),
        ));
    }
}

/// Has a client write to a key, without changing it, and read it. Then its clerk knows who leads, and the servers know
/// the clerk: they may give it the number that its writes need (dissertation 6.3), so that its very first request is not
/// the one that a test loses or counts.
pub(super) fn introduce(client: &mut Client, key: &str) {
    client.append(key, "");
    client.get(key);
}

/// Fails the test unless a client that reaches only this server asks it within 3 s. `requests` counts those to it.
pub(super) fn expect_asked(requests: &Counter, server: usize) {
    if !happens(ANSWER_LIMIT, POLL, || requests.count() > 0) {
        let limit = ANSWER_LIMIT.as_secs();
        fail(Failure::new(
            Class::NoProgress,
            format!("a clerk that reaches no server but server {server} asks it within {limit} s"),
            format!("it has sent server {server} nothing for {limit} s"),
        ));
    }
}

/// Fails the test unless a server that has been asked replies within 3 s. `replies` counts its replies.
pub(super) fn expect_answered(replies: &Counter, server: usize, request: &str, why: &str) {
    if !happens(ANSWER_LIMIT, POLL, || replies.count() > 0) {
        let limit = ANSWER_LIMIT.as_secs();
        fail(Failure::new(
            Class::NoProgress,
            format!(
                "server {server} answers the {request} that waits at it within {limit} s: {why}"
            ),
            format!("it has sent no reply for {limit} s: the request still waits"),
        ));
    }
}

/// Has a client append to key "k" that reaches only the leader, after `prepare`. Returns when the request has
/// arrived.
pub(super) fn append_at(
    cluster: &KvCluster,
    leader: usize,
    mut client: Client,
    value: &'static str,
    prepare: impl FnOnce(),
) -> Pending {
    introduce(&mut client, "k");
    client.reach().set(&[leader]);
    prepare();
    let (name, server) = (client.name(), server_name(leader));
    let requests = Counter::new(cluster.network(), move |message| {
        message.leg == Leg::Request && message.from == name && message.to == server
    });
    let call = Pending::begin(move || client.append("k", value));
    expect_asked(&requests, leader);
    thread::sleep(Duration::from_millis(100));
    call
}
