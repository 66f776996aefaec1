//! The challenges of 4B: nothing is kept that is not needed, and nobody waits without need.

use std::thread;
use std::time::{Duration, Instant};

use shardkv::shard_of;

use super::shard_4b::TEN;
use super::shard_load::sleep;
use super::shard_values::Values;
use super::worker::expect_value;
use super::{LIMIT, expect};
use crate::case::{Case, Run, Summary};
use crate::harness::{Client, ShardCluster};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "4B", name, title, limit: LIMIT, run }
}

pub(super) const CASES: &[Case] = &[
    case("challenge1_delete", "groups delete shards that they have handed over", challenge1_delete),
    case(
        "challenge2_unaffected",
        "shards that do not move are served meanwhile, without delay",
        challenge2_unaffected,
    ),
    case("challenge2_partial", "a shard is served as soon as it has come", challenge2_partial),
];

fn challenge1_delete(run: &Run) -> Summary {
    const KEYS: usize = 30;
    const LENGTH: usize = 1_000;
    // Each byte is on the three disks of one group, and there may be a copy of some in snapshots that are
    // on their way, and some overhead.
    const LIMIT: usize = 3 * (27 * LENGTH + 2 * 6_000);
    let cluster = ShardCluster::new(Some(1), run);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let values = Values::put(&cluster, &mut client, KEYS, LENGTH);
    let get_some = |client: &mut Client| {
        for _ in 0..3 {
            let key = cluster.draw(KEYS as u64).to_string();
            expect_value(&key, &values.values[&key], &client.get(&key));
        }
    };
    for _ in 0..2 {
        cluster.join(&[1]);
        cluster.leave(&[0]);
        cluster.join(&[2]);
        sleep(3_000);
        get_some(&mut client);
        cluster.leave(&[1]);
        cluster.join(&[0]);
        cluster.leave(&[2]);
        sleep(3_000);
        get_some(&mut client);
    }
    cluster.join(&[1]);
    cluster.join(&[2]);
    for _ in 0..3 {
        sleep(1_000);
        get_some(&mut client);
    }
    let size = cluster.storage();
    expect(
        size <= LIMIT,
        format!(
            "the servers have at most {LIMIT} bytes on their disks: a group deletes what it has handed over"
        ),
        format!("they have {size}"),
    );
    values.check(&mut client);
    cluster.finish()
}

fn challenge2_unaffected(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(100), run);
    cluster.set_reliable(false);
    let mut client = cluster.client();
    cluster.join(&[0]);
    for key in 0..TEN {
        client.put(&key.to_string(), "100");
    }
    cluster.join(&[1]);
    let owned = keys_of(&cluster, 1);
    sleep(1_000);
    for key in &owned {
        client.put(key, "101");
    }
    cluster.crash_group(0);
    cluster.leave(&[0]);
    sleep(1_000);
    for key in &owned {
        expect_value(key, "101", &client.get(key));
        client.put(key, &format!("{key}-1"));
        expect_value(key, &format!("{key}-1"), &client.get(key));
    }
    cluster.restart_group(0);
    check_no_delay(&cluster);
    cluster.finish()
}

/// While shards come and go, those that stay where they are are served as quickly as ever.
fn check_no_delay(cluster: &ShardCluster) {
    cluster.set_reliable(true);
    let (mut client, mut other) = (cluster.client(), cluster.client());
    // From here on group 1 has everything, and keeps some of it throughout.
    for key in 0..TEN {
        client.get(&key.to_string());
    }
    cluster.join(&[0]);
    let staying = keys_of(cluster, 1);
    cluster.leave(&[0]);
    for key in 0..TEN {
        client.get(&key.to_string());
    }
    let slowest = |client: &mut Client, rounds: usize| {
        let time = |key: &String| {
            let begun = Instant::now();
            client.get(key);
            begun.elapsed()
        };
        (0..rounds).flat_map(|_| &staying).map(time).max().unwrap_or_default()
    };
    let ordinary = slowest(&mut client, 20);
    // A clerk that learns of the change asks the controller once: that is an operation, too.
    let limit = 3 * ordinary + Duration::from_millis(20);
    let during = thread::scope(|scope| {
        let changes = scope.spawn(|| {
            for _ in 0..4 {
                cluster.join(&[0]);
                sleep(200);
                cluster.leave(&[0]);
                sleep(200);
            }
        });
        let mut worst = Duration::ZERO;
        while !changes.is_finished() {
            worst = worst.max(slowest(&mut other, 1));
        }
        worst
    });
    if !sim::is_active() {
        // On the clock a busy machine delays whom it likes.
        return;
    }
    expect(
        during <= limit,
        format!(
            "while other shards move a Get takes no longer than {:.1} ms; {:.1} ms is ordinary",
            limit.as_secs_f64() * 1e3,
            ordinary.as_secs_f64() * 1e3
        ),
        format!("one takes {:.1} ms", during.as_secs_f64() * 1e3),
    );
}

/// The keys of ten that a group is to have by now.
fn keys_of(cluster: &ShardCluster, group: usize) -> Vec<String> {
    let config = cluster.config();
    let keys = (0..TEN).map(|key| key.to_string());
    keys.filter(|key| config.shards[shard_of(key)] == cluster.gid(group)).collect()
}

fn challenge2_partial(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(100), run);
    cluster.set_reliable(false);
    let mut client = cluster.client();
    cluster.join(&[0, 1, 2]);
    sleep(1_000);
    for key in 0..TEN {
        client.put(&key.to_string(), "100");
    }
    let moved = keys_of(&cluster, 2);
    cluster.crash_group(0);
    cluster.leave(&[0, 2]);
    sleep(1_000);
    for key in &moved {
        expect_value(key, "100", &client.get(key));
        client.put(key, &format!("{key}-2"));
        expect_value(key, &format!("{key}-2"), &client.get(key));
    }
    cluster.finish()
}
