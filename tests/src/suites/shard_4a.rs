//! 4A: the shard controller.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use shardkv::ctrler::{Clerk, Config};
use shardkv::{Gid, SHARDS};

use super::shard_configs::{check, check_minimal, expect_same, names_of};
use super::{LIMIT, expect};
use crate::case::{Case, Run, Summary};
use crate::harness::{CtrlerCluster, group};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "4A", name, title, limit: LIMIT, run }
}

pub(super) const CASES: &[Case] = &[
    case("basic", "groups join, leave, and get single shards", basic),
    case("multi", "several groups join and leave at once", multi),
    case("history", "old configurations stay, whoever is asked", history),
    case("minimal", "no change moves more shards than it must", minimal),
    case("concurrent", "ten clerks change the groups at once", concurrent),
    case("same_everywhere", "every server comes to the same configurations", same_everywhere),
    case("unreliable", "each change happens once although messages are lost", unreliable),
    case(
        "partitions_and_restarts",
        "answers never go back in time, whatever happens to the servers",
        partitions_and_restarts,
    ),
];

const SERVERS: usize = 3;

/// A controller, its clerk, and a count of what was asked.
struct Session {
    cluster: CtrlerCluster,
    clerk: Clerk,
    operations: u64,
}

impl Session {
    fn new(run: &Run) -> Self {
        let cluster = CtrlerCluster::new(SERVERS, run);
        let clerk = cluster.clerk();
        Session { cluster, clerk, operations: 0 }
    }

    fn join(&mut self, gids: &[Gid]) -> Config {
        let groups = gids.iter().flat_map(|gid| group(*gid, &names_of(*gid))).collect();
        self.clerk.join(&groups);
        self.after_change(gids, true)
    }

    fn leave(&mut self, gids: &[Gid]) -> Config {
        self.clerk.leave(gids);
        self.after_change(gids, false)
    }

    fn after_change(&mut self, gids: &[Gid], there: bool) -> Config {
        self.operations += 2;
        let config = self.clerk.query(None);
        for gid in gids {
            expect(
                config.groups.contains_key(gid) == there,
                format!("group {gid} is {}there after the change", if there { "" } else { "not " }),
                format!("the groups are {:?}", config.groups.keys()),
            );
        }
        config
    }

    fn finish(&self) -> Summary {
        self.cluster.finish(self.operations)
    }
}

fn basic(run: &Run) -> Summary {
    let mut session = Session::new(run);
    check(&session.clerk.query(None), &[]);
    check(&session.join(&[1]), &[1]);
    check(&session.join(&[2]), &[1, 2]);
    check(&session.leave(&[1]), &[2]);
    check(&session.leave(&[2]), &[]);

    session.join(&[503]);
    session.join(&[504]);
    for shard in 0..SHARDS {
        let gid = if shard < 5 { 503 } else { 504 };
        let before = session.clerk.query(None);
        session.clerk.move_shard(shard, gid);
        let after = session.clerk.query(None);
        session.operations += 3;
        expect(
            after.number > before.number || before.shards[shard] == gid,
            format!("moving shard {shard} makes a new configuration"),
            format!("it is still {}", after.number),
        );
        expect(
            after.shards[shard] == gid,
            format!("shard {shard} belongs to {gid} after it was moved there"),
            format!("it belongs to {}", after.shards[shard]),
        );
    }
    let config = session.clerk.query(None);
    let expected: Vec<Gid> = (0..SHARDS).map(|shard| if shard < 5 { 503 } else { 504 }).collect();
    expect(
        config.shards[..] == expected[..],
        format!("the shards belong to {expected:?} after ten moves"),
        format!("they belong to {:?}", config.shards),
    );
    session.leave(&[503]);
    session.leave(&[504]);
    session.finish()
}

fn multi(run: &Run) -> Summary {
    let mut session = Session::new(run);
    check(&session.join(&[1, 2]), &[1, 2]);
    check(&session.join(&[3]), &[1, 2, 3]);
    check(&session.leave(&[1, 3]), &[2]);
    check(&session.leave(&[2]), &[]);
    let many: Vec<Gid> = (1..=12).collect();
    check(&session.join(&many), &many);
    check(&session.leave(&many[2..]), &many[..2]);
    session.finish()
}

fn history(run: &Run) -> Summary {
    let mut session = Session::new(run);
    let mut configs = vec![session.clerk.query(None)];
    for gid in 1..=4 {
        configs.push(session.join(&[gid]));
    }
    for gid in [2, 4] {
        configs.push(session.leave(&[gid]));
    }
    for (number, config) in (0..).zip(&configs) {
        let expected =
            format!("the changes make the configurations 0, 1, 2 and so on: {number} is next");
        expect(config.number == number, expected, format!("it is {}", config.number));
    }
    for server in 0..SERVERS {
        session.cluster.crash(server);
        for config in &configs {
            let seen = session.clerk.query(Some(config.number));
            session.operations += 1;
            expect_same(config, &seen, &format!("while server {server} is down"));
        }
        session.cluster.restart_connected(server);
    }
    // What is not there yet is answered with the latest.
    let seen = session.clerk.query(Some(1_000));
    expect_same(&configs[configs.len() - 1], &seen, "asked for as number 1000");
    session.finish()
}

fn minimal(run: &Run) -> Summary {
    let mut session = Session::new(run);
    let mut there: BTreeSet<Gid> = BTreeSet::new();
    let mut before = session.clerk.query(None);
    let shrinking = [vec![7, 3], vec![9], vec![1, 2, 5], vec![8], vec![4], vec![6]];
    let growing = [vec![5], vec![1], vec![9, 2], vec![3], vec![8, 7, 4], vec![6], vec![10, 11, 12]];
    for (gids, joining) in growing
        .iter()
        .map(|gids| (gids, true))
        .chain(shrinking.iter().map(|gids| (gids, false)))
        .chain(growing[..2].iter().map(|gids| (gids, false)))
        .chain(growing.iter().map(|gids| (gids, true)))
    {
        let after = if joining {
            there.extend(gids);
            session.join(gids)
        } else {
            there.retain(|gid| !gids.contains(gid));
            session.leave(gids)
        };
        check(&after, &there.iter().copied().collect::<Vec<_>>());
        check_minimal(&before, &after);
        before = after;
    }
    session.finish()
}

fn concurrent(run: &Run) -> Summary {
    const CLERKS: u64 = 10;
    let mut session = Session::new(run);
    let clerks: Vec<(Gid, Clerk)> =
        (0..CLERKS).map(|number| (1_000 + 3 * number, session.cluster.clerk())).collect();
    let gids: Vec<Gid> = clerks.iter().map(|(gid, _)| *gid).collect();
    thread::scope(|scope| {
        for (gid, mut clerk) in clerks {
            scope.spawn(move || {
                let others = [gid + 1_000, gid + 2_000];
                let joining = [gid, others[0], others[1]];
                let names = names_of(gid % 1_000);
                clerk.join(&joining.iter().flat_map(|gid| group(*gid, &names)).collect());
                clerk.leave(&others);
            });
        }
    });
    session.operations += 2 * CLERKS;
    let config = session.clerk.query(None);
    check(&config, &gids);
    expect_number(&config, 2 * CLERKS);
    session.finish()
}

fn expect_number(config: &Config, changes: u64) {
    expect(
        config.number == changes,
        format!("{changes} changes make the configurations 1 to {changes}: each happens once"),
        format!("the latest is {}", config.number),
    );
}

fn same_everywhere(run: &Run) -> Summary {
    let mut session = Session::new(run);
    for gids in [vec![4, 9, 2, 7], vec![1, 8], vec![3, 5, 6]] {
        session.join(&gids);
    }
    session.leave(&[9, 1]);
    let expected = session.leave(&[5]);
    let numbers = 0..=expected.number;
    let configs: Vec<Config> = numbers.map(|number| session.clerk.query(Some(number))).collect();
    // Each server comes to lead in turn, and answers from what it has worked out by itself.
    for _ in 0..2 * SERVERS {
        let leader = session.cluster.check_one_leader();
        session.cluster.crash(leader);
        session.cluster.check_one_leader();
        for config in &configs {
            let seen = session.clerk.query(Some(config.number));
            session.operations += 1;
            expect_same(config, &seen, &format!("after server {leader} has ended to lead"));
        }
        session.cluster.restart_connected(leader);
    }
    session.finish()
}

fn unreliable(run: &Run) -> Summary {
    let cluster = CtrlerCluster::new(SERVERS, run);
    cluster.set_reliable(false);
    let operations = change_for(&cluster, 5, || thread::sleep(Duration::from_secs(5)));
    cluster.finish(operations)
}

fn partitions_and_restarts(run: &Run) -> Summary {
    let cluster = CtrlerCluster::new(SERVERS, run);
    cluster.set_reliable(false);
    let operations = change_for(&cluster, 5, || {
        for _ in 0..8 {
            match cluster.draw(3) {
                0 => {
                    let alone = cluster.draw(3) as usize;
                    let others = [(alone + 1) % 3, (alone + 2) % 3];
                    cluster.partition(&[&[alone], &others]);
                }
                1 => cluster.crash_in_action(cluster.draw(3) as usize),
                _ => (0..SERVERS).for_each(|server| cluster.crash_in_action(server)),
            }
            thread::sleep(Duration::from_millis(300 + cluster.draw(700)));
            for server in 0..SERVERS {
                if !cluster.is_running(server) {
                    cluster.restart(server);
                }
            }
            cluster.heal();
            thread::sleep(Duration::from_millis(cluster.draw(1_000)));
        }
    });
    cluster.finish(operations)
}

/// Lets clerks join and leave groups of their own while something happens, and holds all answers against
/// each other: a configuration that was seen is never followed by an older one, whoever asks, and every
/// change makes one configuration.
fn change_for(cluster: &CtrlerCluster, clerks: u64, happen: impl FnOnce()) -> u64 {
    let stop = AtomicBool::new(false);
    let newest_seen = AtomicU64::new(0);
    let (changes, queries) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for number in 1..=clerks {
            let mut clerk = cluster.clerk();
            let (stop, newest_seen, changes, queries) = (&stop, &newest_seen, &changes, &queries);
            scope.spawn(move || {
                let mut there = false;
                while !stop.load(Ordering::Relaxed) {
                    if there {
                        clerk.leave(&[number]);
                    } else {
                        clerk.join(&group(number, &names_of(number)));
                    }
                    there = !there;
                    changes.fetch_add(1, Ordering::Relaxed);
                    let known = newest_seen.load(Ordering::SeqCst);
                    let config = clerk.query(None);
                    queries.fetch_add(1, Ordering::Relaxed);
                    newest_seen.fetch_max(config.number, Ordering::SeqCst);
                    expect(
                        config.number >= known,
                        format!("a clerk that asks after configuration {known} was seen gets it or a later one"),
                        format!("it gets {}", config.number),
                    );
                    expect(
                        config.groups.contains_key(&number) == there,
                        format!("a clerk sees its own change: group {number} is there: {there}"),
                        format!("configuration {} has {:?}", config.number, config.groups.keys()),
                    );
                }
            });
        }
        happen();
        stop.store(true, Ordering::Relaxed);
    });
    let config = cluster.clerk().query(None);
    expect_number(&config, changes.load(Ordering::Relaxed));
    let gids: Vec<Gid> = config.groups.keys().copied().collect();
    check(&config, &gids);
    changes.into_inner() + queries.into_inner() + 1
}
