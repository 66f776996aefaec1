//! 4B: the sharded store.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::kv_calls::Pending;
use super::shard_load::{Load, sleep};
use super::shard_values::Values;
use super::worker::{Keys, expect_value};
use super::{LIMIT, expect};
use crate::case::{Case, Run, Summary};
use crate::harness::{Client, ShardCluster};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "4B", name, title, limit: LIMIT, run }
}

pub(super) const CASES: &[Case] = &[
    case("static_shards", "each group serves its shards and no others", static_shards),
    case("join_leave", "shards move when groups join and leave", join_leave),
    case("snapshot", "restarts of all, with snapshots, after many changes", snapshot),
    case("miss_change", "servers miss changes and catch up", miss_change),
    case("concurrent1", "ten clients, changes, restarts", concurrent1),
    case("concurrent2", "ten clients, long changes without snapshots", concurrent2),
    case("concurrent3", "ten clients, changes and restarts all the time", concurrent3),
    case("unreliable1", "changes while messages are lost", unreliable1),
    case("unreliable2", "ten clients, changes, messages are lost", unreliable2),
    case("unreliable3", "clients share keys during changes, messages are lost", unreliable3),
    case(
        "repeated_at_new_group",
        "a request that was done is known where its shard has moved to",
        repeated_at_new_group,
    ),
    case(
        "crashes_during_changes",
        "every server crashes in the middle of changes, those of the controller as well",
        crashes_during_changes,
    ),
];

/// As many keys as there are shards: one in each.
pub(super) const TEN: usize = 10;

fn static_shards(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    let mut client = cluster.client();
    cluster.join(&[0, 1]);
    let values = Values::put(&cluster, &mut client, TEN, 20);
    values.check(&mut client);

    cluster.crash_group(1);
    let calls: Vec<Pending> = values
        .values
        .clone()
        .into_iter()
        .map(|(key, value)| {
            let mut client = cluster.client();
            Pending::begin(move || expect_value(&key, &value, &client.get(&key)))
        })
        .collect();
    sleep(2_000);
    let returned = calls.iter().filter(|call| call.has_returned()).count();
    expect(
        returned == TEN / 2,
        "5 of 10 keys can be read while one group of two is down",
        format!("{returned} can"),
    );
    cluster.restart_group(1);
    values.check(&mut client);
    calls.into_iter().for_each(|call| call.wait("a Get of what the restarted group has"));
    cluster.check_sizes();
    cluster.finish()
}

fn join_leave(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let mut values = Values::put(&cluster, &mut client, TEN, 5);
    cluster.join(&[1]);
    values.touch(&mut client, 5);
    cluster.leave(&[0]);
    values.touch(&mut client, 5);
    sleep(1_000);
    cluster.check_sizes();
    cluster.crash_group(0);
    values.check(&mut client);
    cluster.finish()
}

fn snapshot(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(1_000), run);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let mut values = Values::put(&cluster, &mut client, 30, 20);
    cluster.join(&[1]);
    cluster.join(&[2]);
    cluster.leave(&[0]);
    values.touch(&mut client, 20);
    cluster.leave(&[1]);
    cluster.join(&[0]);
    values.touch(&mut client, 20);
    sleep(1_000);
    values.check(&mut client);
    sleep(1_000);
    cluster.check_sizes();
    (0..3).for_each(|group| cluster.crash_group(group));
    (0..3).for_each(|group| cluster.restart_group(group));
    values.check(&mut client);
    cluster.finish()
}

fn miss_change(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(1_000), run);
    let mut client = cluster.client();
    let all = |act: &dyn Fn(usize)| (0..3).for_each(act);
    cluster.join(&[0]);
    let mut values = Values::put(&cluster, &mut client, TEN, 20);
    cluster.join(&[1]);
    all(&|group| cluster.group(group).crash(0));
    cluster.join(&[2]);
    cluster.leave(&[1]);
    cluster.leave(&[0]);
    values.touch(&mut client, 20);
    cluster.join(&[1]);
    values.touch(&mut client, 20);
    all(&|group| cluster.group(group).restart_connected(0));
    values.touch(&mut client, 20);
    sleep(2_000);
    all(&|group| cluster.group(group).crash(1));
    cluster.join(&[0]);
    cluster.leave(&[2]);
    values.touch(&mut client, 20);
    all(&|group| cluster.group(group).restart_connected(1));
    values.check(&mut client);
    cluster.finish()
}

fn concurrent1(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(100), run);
    let load = Load { clients: TEN, keys: Keys::Own, pause: 10 };
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

fn concurrent2(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    let load = Load { clients: TEN, keys: Keys::Own, pause: 50 };
    load.run_while(&cluster, || {
        cluster.join(&[1]);
        cluster.join(&[2]);
        cluster.leave(&[0]);
        cluster.leave(&[2]);
        sleep(3_000);
        cluster.join(&[0]);
        cluster.join(&[2]);
        cluster.leave(&[1]);
        sleep(3_000);
        cluster.join(&[1]);
        cluster.leave(&[0]);
        cluster.leave(&[2]);
        sleep(3_000);
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

fn concurrent3(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(300), run);
    let load = Load { clients: TEN, keys: Keys::Own, pause: 10 };
    load.run_while(&cluster, || {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(12) {
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

fn unreliable1(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(100), run);
    cluster.set_reliable(false);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let mut values = Values::put(&cluster, &mut client, TEN, 5);
    cluster.join(&[1]);
    cluster.join(&[2]);
    cluster.leave(&[0]);
    values.touch(&mut client, 5);
    values.touch(&mut client, 5);
    cluster.join(&[0]);
    cluster.leave(&[1]);
    values.check(&mut client);
    values.check(&mut client);
    cluster.finish()
}

fn unreliable2(run: &Run) -> Summary {
    unreliable(run, Keys::Own)
}

fn unreliable3(run: &Run) -> Summary {
    unreliable(run, Keys::Shared)
}

fn unreliable(run: &Run, keys: Keys) -> Summary {
    let cluster = ShardCluster::new(Some(100), run);
    cluster.set_reliable(false);
    let load = Load { clients: TEN, keys, pause: 10 };
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

/// The clerk hears nothing of what it has done until the shard has moved.
fn repeated_at_new_group(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(1_000), run);
    let mut reader = cluster.client();
    cluster.join(&[0]);
    let keys: Vec<String> = (0..TEN).map(|key| key.to_string()).collect();
    keys.iter().for_each(|key| reader.put(key, ""));
    for round in 0..2u64 {
        let clients: Vec<Client> = keys.iter().map(|_| cluster.client()).collect();
        cluster.lose_replies_to(&clients);
        let value = format!("x {round} y");
        let calls: Vec<Pending> = keys
            .clone()
            .into_iter()
            .zip(clients)
            .map(|(key, mut client)| {
                let value = value.clone();
                Pending::begin(move || client.append(&key, &value))
            })
            .collect();
        sleep(300);
        let (joins, leaves) = if round == 0 { (1, 0) } else { (0, 1) };
        cluster.join(&[joins]);
        cluster.leave(&[leaves]);
        sleep(1_000);
        cluster.stop_losing_replies();
        calls.into_iter().for_each(|call| call.wait("an Append whose replies were lost"));
        let expected: String = (0..=round).map(|round| format!("x {round} y")).collect();
        for key in &keys {
            expect_value(key, &expected, &reader.get(key));
        }
    }
    cluster.finish()
}

fn crashes_during_changes(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(500), run);
    cluster.set_reliable(false);
    let load = Load { clients: 6, keys: Keys::Shared, pause: 20 };
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

fn crash_something(cluster: &ShardCluster) {
    let server = cluster.draw(3) as usize;
    match cluster.draw(5) {
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
