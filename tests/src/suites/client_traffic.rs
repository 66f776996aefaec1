//! Messages of clients, and between groups, as a test counts, loses or holds them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use labrpc::{Decision, Leg, Message, Network};

use crate::harness::group_of_server;

/// Counts messages of one kind while all messages pass.
pub(super) struct Counter {
    passed: Arc<AtomicU64>,
}

impl Counter {
    /// Counts the messages for which `is_one` holds. Any earlier hook of the network ends.
    pub(super) fn new(
        network: &Network,
        is_one: impl Fn(&Message<'_>) -> bool + Send + 'static,
    ) -> Self {
        let passed = Arc::new(AtomicU64::new(0));
        let count = passed.clone();
        network.intercept(move |message| {
            if is_one(message) {
                count.fetch_add(1, Ordering::Relaxed);
            }
            Decision::Pass
        });
        Counter { passed }
    }

    /// How many have passed so far.
    pub(super) fn count(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }
}

/// Whether a message is between servers of different groups.
pub(super) fn is_between_groups(message: &Message<'_>) -> bool {
    let groups = group_of_server(message.from).zip(group_of_server(message.to));
    groups.is_some_and(|(from, to)| from != to)
}

/// Whether a message is one of Raft, and not of the service on top of it.
pub(super) fn is_of_raft(message: &Message<'_>) -> bool {
    message.method.starts_with("Raft.")
}

/// Holds the next request of a client, and lets all others pass.
pub(super) fn hold_next_request(network: &Network, client: String) {
    hold_next(network, move |message| message.leg == Leg::Request && message.from == client);
}

/// Holds the next message for which `is_one` holds, and lets all others pass.
pub(super) fn hold_next(network: &Network, is_one: impl Fn(&Message<'_>) -> bool + Send + 'static) {
    let mut is_held = false;
    network.intercept(move |message| {
        if !is_held && is_one(message) {
            is_held = true;
            return Decision::Hold;
        }
        Decision::Pass
    });
}

/// Releases all messages that are held, however late.
pub(super) fn release_all(network: &Network) {
    for message in network.held() {
        network.release(message.id);
    }
}

/// The same, oldest first, each after the one before has had its effect.
pub(super) fn release_one_by_one(network: &Network) {
    for message in network.held() {
        network.release(message.id);
        thread::sleep(Duration::from_millis(200));
    }
}
