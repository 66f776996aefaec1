//! Clerks that change the groups of a shard controller at the same time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use parking_lot::Mutex;
use protocol::Config;
use protocol::Gid;

use super::shard_configs::{check, expect_joined, expect_left, names_of};
use crate::harness::{CtrlerClerk, CtrlerCluster, group};
use crate::runner::{Class, Failure, fail};

/// How long a failure waits for the controller to tell its configurations.
const ASK_LIMIT: Duration = Duration::from_secs(5);

/// Lets clerks join and leave groups of their own until `meanwhile` is done, and compares all answers: after
/// a configuration was seen, no clerk gets an older one, and every change makes one configuration. Returns
/// the number of operations.
pub(super) fn change_until(cluster: &CtrlerCluster, clerks: u64, meanwhile: impl FnOnce()) -> u64 {
    let progress = Progress::default();
    thread::scope(|scope| {
        for gid in 1..=clerks {
            let progress = &progress;
            scope.spawn(move || progress.change_group(cluster, gid));
        }
        meanwhile();
        progress.stop.store(true, Ordering::Relaxed);
    });
    let config = cluster.clerk().query(None);
    let changes = progress.changes.into_inner();
    expect_number(cluster, &config, changes, &progress.first_seen.into_inner());
    let gids: Vec<Gid> = config.groups.keys().copied().collect();
    check(&config, &gids);
    changes + progress.queries.into_inner() + 1
}

/// When a configuration of some number was seen for the first time.
pub(super) type FirstSeen = BTreeMap<u64, Instant>;

/// What clerks have done and seen so far.
#[derive(Debug, Default)]
struct Progress {
    stop: AtomicBool,
    newest_seen: AtomicU64,
    first_seen: Mutex<FirstSeen>,
    changes: AtomicU64,
    queries: AtomicU64,
}

impl Progress {
    /// Has a group join and leave, and looks at the configuration each time.
    fn change_group(&self, cluster: &CtrlerCluster, gid: Gid) {
        let name = format!("clerk-{gid}");
        let clerk = cluster.named_clerk(&name);
        let mut is_there = false;
        while !self.stop.load(Ordering::Relaxed) {
            if is_there {
                clerk.leave(&[gid]);
            } else {
                clerk.join(&group(gid, &names_of(gid)));
            }
            is_there = !is_there;
            self.changes.fetch_add(1, Ordering::Relaxed);
            let known = self.newest_seen.load(Ordering::SeqCst);
            let config = clerk.query(None);
            self.queries.fetch_add(1, Ordering::Relaxed);
            self.newest_seen.fetch_max(config.number, Ordering::SeqCst);
            self.first_seen.lock().entry(config.number).or_insert_with(Instant::now);
            if config.number < known {
                fail(Failure::new(
                    Class::Assertion,
                    format!(
                        "a Query gets configuration {known} or a later one: {known} was seen before it began"
                    ),
                    format!(
                        "it gets configuration {}, in the answer of {}",
                        config.number,
                        cluster.describe_answerer(&name)
                    ),
                ));
            }
            if is_there {
                expect_joined(&config, gid);
            } else {
                expect_left(&config, gid);
            }
        }
    }
}

/// Fails the test unless there are as many configurations as there were changes, of which each changes the groups.
pub(super) fn expect_number(
    cluster: &CtrlerCluster,
    config: &Config,
    changes: u64,
    first_seen: &FirstSeen,
) {
    let number = config.number;
    if number == changes {
        return;
    }
    let mut alike = String::new();
    if number > changes {
        // Then the controller can be asked for all of them in time.
        cluster.set_reliable(true);
        if let Some(config) = last_without_change(number, cluster.clerk()) {
            alike = describe_alike(cluster, &config, first_seen);
        }
    }
    fail(Failure::new(
        Class::Assertion,
        format!("{changes} changes make configurations 1 to {changes}: each happens once"),
        format!("the latest configuration is {number}{alike}"),
    ));
}

/// What is known of a configuration and of the next one, which has the same groups.
fn describe_alike(cluster: &CtrlerCluster, config: &Config, first_seen: &FirstSeen) -> String {
    let (gids, second) = (config.groups.keys(), config.number + 1);
    let alike =
        format!("; configurations {} and {second} both have the groups {gids:?}", config.number);
    let seen = first_seen.range(second..).map(|(_, at)| *at).min();
    match seen.map(|at| cluster.describe_last_restart(at)) {
        Some(restart) if !restart.is_empty() => {
            format!("{alike}: when a clerk first saw {second} or a later one, {restart}")
        }
        _ => alike,
    }
}

/// The last configuration that has the same groups as the next one, of those before `latest`; `None` if there is
/// none, or the controller does not tell soon.
fn last_without_change(latest: u64, clerk: CtrlerClerk) -> Option<Config> {
    let (sender, found) = bounded(1);
    thread::spawn(move || {
        let mut next = clerk.query(Some(latest));
        for number in (0..latest).rev() {
            let config = clerk.query(Some(number));
            if config.number != number {
                return;
            }
            if config.groups == next.groups {
                let _ = sender.send(config);
                return;
            }
            next = config;
        }
    });
    found.recv_timeout(ASK_LIMIT).ok()
}
