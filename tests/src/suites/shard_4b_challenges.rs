//! The challenges of 4B: groups keep only the shards that they own, and serve all others without delay.

use std::thread;
use std::time::{Duration, Instant};

use protocol::shard_of;

use super::expect::expect;
use super::limits::LIMIT;
use super::shard_load::sleep;
use super::shard_values::{TEN, Values};
use super::value_checks::expect_value;
use crate::case::{Case, Run, Summary};
use crate::harness::{Client, ShardCluster, server_in_words};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "4B", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "challenge1_delete",
        "groups delete the shards that they have handed over",
        challenge1_delete,
    ),
    case(
        "challenge2_unaffected",
        "shards that do not move are served without delay",
        challenge2_unaffected,
    ),
    case("challenge2_partial", "a shard is served as soon as it has arrived", challenge2_partial),
];

fn challenge1_delete(run: &Run) -> Summary {
    const KEYS: usize = 30;
    const LENGTH: usize = 1_000;
    // Each byte is on the three disks of one group. There may be more copies in snapshots that were not
    // replaced yet, and some overhead.
    const LIMIT: usize = 3 * (27 * LENGTH + 2 * 6_000);
    let cluster = ShardCluster::new(Some(1), run);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let values = Values::put(&cluster, &mut client, KEYS, LENGTH);
    let get_some = |client: &mut Client| {
        for _ in 0..3 {
            let key = cluster.draw(KEYS as u64).to_string();
            expect_value(&key, &values.values[&key], &client.get(&key), client);
        }
    };
    for _ in 0..2 {
        cluster.join(&[1]);
        cluster.leave(&[0]);
        cluster.join(&[2]);
        sleep(1_500);
        get_some(&mut client);
        cluster.leave(&[1]);
        cluster.join(&[0]);
        cluster.leave(&[2]);
        sleep(1_500);
        get_some(&mut client);
    }
    cluster.join(&[1]);
    cluster.join(&[2]);
    for _ in 0..3 {
        sleep(1_000);
        get_some(&mut client);
    }
    let sizes = cluster.storage();
    let size: usize = sizes.values().sum();
    expect(
        size <= LIMIT,
        format_args!(
            "all disks together hold at most {LIMIT} bytes: groups delete the shards that they handed over"
        ),
        format_args!("they hold {size}; by group: {sizes:?}"),
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
        expect_value(key, "101", &client.get(key), &client);
        client.put(key, &format!("{key}-1"));
        expect_value(key, &format!("{key}-1"), &client.get(key), &client);
    }
    cluster.restart_group(0);
    check_no_delay(&cluster);
    cluster.finish()
}

/// While some shards move, the others are served as quickly as usual.
fn check_no_delay(cluster: &ShardCluster) {
    cluster.set_reliable(true);
    // One clerk for all calls: a new one would first have to find the leader.
    let mut client = cluster.client();
    // Group 1 has all shards now, and keeps some of them from here on.
    for key in 0..TEN {
        client.get(&key.to_string());
    }
    cluster.join(&[0]);
    let staying = keys_of(cluster, 1);
    cluster.leave(&[0]);
    for key in 0..TEN {
        client.get(&key.to_string());
    }
    let usual = (0..20).map(|_| slowest_get(&mut client, &staying)).max().unwrap_or_default();
    let during = slowest_during_changes(cluster, &mut client, &staying);
    if !sim::is_active() {
        // On the clock, a busy machine may delay any call.
        return;
    }
    expect_no_delay(&usual, &during, "while other shards move");
}

/// How long a Get has taken, of which key, and the server that has answered it.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TimedGet {
    time: Duration,
    key: String,
    answerer: String,
}

/// Fails the test if a Get takes longer than usual. Both are the slowest ones.
pub(super) fn expect_no_delay(usual: &TimedGet, seen: &TimedGet, when: &str) {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    // A clerk that notices a change asks the controller once, which takes as long as a Get.
    let limit = 3 * usual.time + Duration::from_millis(20);
    expect(
        seen.time <= limit,
        format_args!(
            "{when}, a Get takes at most {:.1} ms: usually it takes {:.1} ms",
            milliseconds(limit),
            milliseconds(usual.time)
        ),
        format_args!(
            "one takes {:.1} ms: of key {:?}, which {} has answered",
            milliseconds(seen.time),
            seen.key,
            server_in_words(&seen.answerer)
        ),
    );
}

/// The slowest Get while group 0 joins and leaves four times.
fn slowest_during_changes(
    cluster: &ShardCluster,
    client: &mut Client,
    keys: &[String],
) -> TimedGet {
    thread::scope(|scope| {
        let changes = scope.spawn(|| {
            for _ in 0..4 {
                cluster.join(&[0]);
                sleep(200);
                cluster.leave(&[0]);
                sleep(200);
            }
        });
        let mut slowest = TimedGet::default();
        while !changes.is_finished() {
            slowest = slowest.max(slowest_get(client, keys));
        }
        slowest
    })
}

/// Gets each key once, with a rest of 5 ms each time. Returns the slowest call.
pub(super) fn slowest_get(client: &mut Client, keys: &[String]) -> TimedGet {
    let time = |key: &String| {
        let begun = Instant::now();
        client.get(key);
        let time = begun.elapsed();
        sleep(5);
        TimedGet { time, key: key.clone(), answerer: client.answerer().unwrap_or_default() }
    };
    keys.iter().map(time).max().unwrap_or_default()
}

/// Which of ten keys belong to a group in the latest configuration.
pub(super) fn keys_of(cluster: &ShardCluster, group: usize) -> Vec<String> {
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
        expect_value(key, "100", &client.get(key), &client);
        client.put(key, &format!("{key}-2"));
        expect_value(key, &format!("{key}-2"), &client.get(key), &client);
    }
    cluster.finish()
}
