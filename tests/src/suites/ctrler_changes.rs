//! Clerks that change the groups of a shard controller at the same time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::bounded;
use protocol::Config;
use protocol::Gid;

use super::expect::expect;
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
            let clerk = cluster.clerk();
            let progress = &progress;
            scope.spawn(move || progress.change_group(&clerk, gid));
        }
        meanwhile();
        progress.stop.store(true, Ordering::Relaxed);
    });
    let config = cluster.clerk().query(None);
    let changes = progress.changes.into_inner();
    expect_number(&config, changes, cluster.clerk());
    let gids: Vec<Gid> = config.groups.keys().copied().collect();
    check(&config, &gids);
    changes + progress.queries.into_inner() + 1
}

/// What clerks have done and seen so far.
#[derive(Debug, Default)]
struct Progress {
    stop: AtomicBool,
    newest_seen: AtomicU64,
    changes: AtomicU64,
    queries: AtomicU64,
}

impl Progress {
    /// Has a group join and leave, and looks at the configuration each time.
    fn change_group(&self, clerk: &CtrlerClerk, gid: Gid) {
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
            expect(
                config.number >= known,
                format_args!(
                    "a Query gets configuration {known} or a later one: {known} was seen before"
                ),
                format_args!("it gets configuration {}", config.number),
            );
            if is_there {
                expect_joined(&config, gid);
            } else {
                expect_left(&config, gid);
            }
        }
    }
}

/// Fails the test unless there are as many configurations as there were changes, of which each changes the groups.
/// `clerk` can still ask.
pub(super) fn expect_number(config: &Config, changes: u64, clerk: CtrlerClerk) {
    let number = config.number;
    if number == changes {
        return;
    }
    let without_change = if number > changes { first_without_change(number, clerk) } else { None };
    let alike = without_change.map_or_else(String::new, |Config { number, groups, .. }| {
        let gids = groups.keys();
        format!("; configurations {number} and {} both have the groups {gids:?}", number + 1)
    });
    fail(Failure::new(
        Class::Assertion,
        format!("{changes} changes make configurations 1 to {changes}: each happens once"),
        format!("the latest configuration is {number}{alike}"),
    ));
}

/// The first configuration that has the same groups as the next one, of those up to `latest`; `None` if there is none, or
/// the controller does not tell soon.
fn first_without_change(latest: u64, clerk: CtrlerClerk) -> Option<Config> {
    let (sender, found) = bounded(1);
    thread::spawn(move || {
        let mut before = clerk.query(Some(0));
        if before.number != 0 {
            return;
        }
        for number in 1..=latest {
            let config = clerk.query(Some(number));
            if config.number != number {
                return;
            }
            if config.groups == before.groups {
                let _ = sender.send(before);
                return;
            }
            before = config;
        }
    });
    found.recv_timeout(ASK_LIMIT).ok()
}
