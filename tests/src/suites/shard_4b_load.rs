//! 4B, continued: clients at work while groups join and leave, and servers fail.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::shard_load::{Load, sleep};
use super::shard_values::TEN;
use super::worker::Keys;
use crate::case::{Run, Summary};
use crate::harness::ShardCluster;

/// Ten clients, snapshots, and some restarts of groups.
pub(super) fn concurrent1(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(100), run);
    let load = Load { clients: TEN, keys: Keys::Own, pause: 80 };
    load.run_while(&cluster, || {
        sleep(150);
        cluster.join(&[1]);
        sleep(500);
        cluster.join(&[2]);
        sleep(500);
        cluster.leave(&[0]);
        for group in 0..3 {
            cluster.crash_group(group);
            sleep(100);
        }
        cluster.leave(&[2]);
        sleep(100);
        (0..3).for_each(|group| cluster.restart_group(group));
        sleep(100);
        cluster.join(&[0]);
        cluster.leave(&[1]);
        sleep(500);
        cluster.join(&[1]);
        sleep(1_000);
    });
    cluster.check_sizes();
    cluster.finish()
}

/// Ten clients, no snapshots, and pauses between the changes.
pub(super) fn concurrent2(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    let load = Load { clients: TEN, keys: Keys::Own, pause: 200 };
    load.run_while(&cluster, || {
        cluster.join(&[1]);
        cluster.join(&[2]);
        cluster.leave(&[0]);
        cluster.leave(&[2]);
        sleep(2_000);
        cluster.join(&[0]);
        cluster.join(&[2]);
        cluster.leave(&[1]);
        sleep(2_000);
        cluster.join(&[1]);
        cluster.leave(&[0]);
        cluster.leave(&[2]);
        sleep(2_000);
        cluster.crash_group(1);
        cluster.crash_group(2);
        sleep(1_000);
        cluster.restart_group(1);
        cluster.restart_group(2);
        sleep(2_000);
    });
    cluster.check_sizes();
    cluster.finish()
}

/// Ten clients, and restarts of all groups between the changes.
pub(super) fn concurrent3(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(300), run);
    let load = Load { clients: TEN, keys: Keys::Own, pause: 80 };
    load.run_while(&cluster, || {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(5) {
            cluster.join(&[2]);
            cluster.join(&[1]);
            sleep(cluster.draw(900));
            (0..3).for_each(|group| cluster.crash_group(group));
            (0..3).for_each(|group| cluster.restart_group(group));
            sleep(cluster.draw(900));
            cluster.leave(&[1]);
            cluster.leave(&[2]);
            sleep(cluster.draw(900));
        }
        sleep(2_000);
    });
    cluster.finish()
}

/// Each client uses its own key.
pub(super) fn unreliable2(run: &Run) -> Summary {
    unreliable(run, Keys::Own)
}

/// The clients share their keys.
pub(super) fn unreliable3(run: &Run) -> Summary {
    unreliable(run, Keys::Shared)
}

/// Ten clients, changes, and an unreliable network.
fn unreliable(run: &Run, keys: Keys) -> Summary {
    let cluster = ShardCluster::new(Some(100), run);
    cluster.set_reliable(false);
    let load = Load { clients: TEN, keys, pause: 60 };
    load.run_while(&cluster, || {
        sleep(150);
        cluster.join(&[1]);
        sleep(500);
        cluster.join(&[2]);
        sleep(500);
        cluster.leave(&[0]);
        sleep(500);
        cluster.leave(&[1]);
        sleep(500);
        cluster.join(&[1]);
        cluster.join(&[0]);
        sleep(2_000);
        cluster.set_reliable(true);
    });
    cluster.finish()
}

/// Servers of the groups and of the controller crash while groups join and leave.
pub(super) fn crashes_during_changes(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(500), run);
    cluster.set_reliable(false);
    let load = Load { clients: 6, keys: Keys::Shared, pause: 40 };
    let stop = AtomicBool::new(false);
    load.run_while(&cluster, || {
        thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    crash_something(&cluster);
                }
            });
            for change in 0..10 {
                let group = 1 + change % 2;
                if change % 4 < 2 {
                    cluster.join(&[group])
                } else {
                    cluster.leave(&[group])
                }
                sleep(200 + cluster.draw(800));
            }
            stop.store(true, Ordering::Relaxed);
        });
        cluster.set_reliable(true);
    });
    cluster.finish()
}

/// Crashes or cuts off something for a while.
fn crash_something(cluster: &ShardCluster) {
    let server = cluster.draw(3) as usize;
    match cluster.draw(5) {
        _ if !cluster.is_disturbed() => {}
        0 => {
            cluster.controller.crash_in_action(server);
            sleep(cluster.draw(500));
            cluster.controller.restart_connected(server);
        }
        1 => {
            let others = [(server + 1) % 3, (server + 2) % 3];
            cluster.controller.partition(&[&[server], &others]);
            sleep(cluster.draw(1_000));
            cluster.controller.heal();
        }
        2 => {
            let group = cluster.draw(3) as usize;
            cluster.crash_group(group);
            sleep(cluster.draw(500));
            cluster.restart_group(group);
        }
        _ => {
            let group = cluster.group(cluster.draw(3) as usize);
            group.crash_in_action(server);
            sleep(cluster.draw(500));
            group.restart_connected(server);
        }
    }
    sleep(cluster.draw(300));
}
