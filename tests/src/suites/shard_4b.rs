//! 4B: the sharded store.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use shardkv::shard_of;

use super::kv_calls::Pending;
use super::kv_load::expect_value;
use super::shard_load::{Keys, Load, sleep};
use super::{LIMIT, expect};
use crate::case::{Case, Run, Summary};
use crate::cluster::{Client, ShardCluster};

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
    case("challenge1_delete", "groups delete shards that they have handed over", challenge1_delete),
    case(
        "challenge2_unaffected",
        "shards that do not move are served meanwhile, without delay",
        challenge2_unaffected,
    ),
    case("challenge2_partial", "a shard is served as soon as it has come", challenge2_partial),
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

/// Keys and what they should hold.
struct Values {
    rng: SmallRng,
    values: BTreeMap<String, String>,
}

impl Values {
    /// Puts something into so many keys.
    fn put(cluster: &ShardCluster, client: &mut Client, keys: usize, length: usize) -> Self {
        let rng = SmallRng::seed_from_u64(cluster.draw(u64::MAX));
        let mut values = Values { rng, values: BTreeMap::new() };
        for key in 0..keys {
            let value = values.text(length);
            client.put(&key.to_string(), &value);
            values.values.insert(key.to_string(), value);
        }
        values
    }

    /// A text that no other draw gives, and that ends as values do.
    fn text(&mut self, length: usize) -> String {
        let mut text: String = (1..length).map(|_| self.rng.random_range('a'..'y')).collect();
        text.push('z');
        text
    }

    fn check(&self, client: &mut Client) {
        for (key, value) in &self.values {
            expect_value(key, value, &client.get(key));
        }
    }

    /// Checks every key and appends to it.
    fn touch(&mut self, client: &mut Client, length: usize) {
        let keys: Vec<String> = self.values.keys().cloned().collect();
        for key in keys {
            expect_value(&key, &self.values[&key], &client.get(&key));
            let suffix = self.text(length);
            client.append(&key, &suffix);
            self.values.entry(key).or_default().push_str(&suffix);
        }
    }
}

const TEN: usize = 10;

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
    let limit = 10 * ordinary + Duration::from_millis(30);
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
        cluster.lose_no_replies();
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
