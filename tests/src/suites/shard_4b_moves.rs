//! 4B, continued: shards on their way, and messages between groups that are lost, late or early.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use labrpc::{Decision, Leg};

use super::client_traffic::{Counter, is_between_groups};
use super::expect::expect;
use super::kv_calls::Pending;
use super::limits::LIMIT;
use super::shard_4b_challenges::{expect_no_delay, keys_of, slowest_get};
use super::shard_4b_givers::absent_givers;
use super::shard_4b_late::late_hand_over;
use super::shard_4b_receivers::deposed_receiver;
use super::shard_load::sleep;
use super::shard_values::{TEN, Values};
use super::value_checks::expect_value;
use crate::case::{Case, Run, Summary};
use crate::harness::{ShardCluster, group_of_server};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "4B", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "rejection",
        "groups refuse keys that are not theirs, whatever a clerk believes",
        rejection,
    ),
    case(
        "nothing_moves",
        "a group keeps its shards in a configuration in which nothing moves",
        nothing_moves,
    ),
    case(
        "no_reads_of_what_has_left",
        "a group that has handed over a shard no longer answers reads of it",
        no_reads_of_what_has_left,
    ),
    case(
        "taken_when_committed",
        "a shard has been taken when that is committed, not earlier",
        taken_when_committed,
    ),
    case(
        "crashes_at_hand_overs",
        "no shard is lost when a group restarts while shards move",
        crashes_at_hand_overs,
    ),
    case(
        "late_hand_over",
        "a message about an earlier move of a shard changes nothing",
        late_hand_over,
    ),
    case(
        "dead_receiver",
        "a group whose shards cannot be handed over serves and hands over all others",
        dead_receiver,
    ),
    case(
        "absent_givers",
        "a group hands over shards as soon as it is back, and while one of its servers is not",
        absent_givers,
    ),
    case(
        "deposed_receiver",
        "a leader that could not take shards when they came takes them when it leads again",
        deposed_receiver,
    ),
    case(
        "no_groups",
        "the store begins, and begins anew, in a configuration that follows one without groups",
        no_groups,
    ),
];

/// Clerks ask a second controller, which has another group for half of the keys.
fn rejection(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    let mut client = cluster.client();
    cluster.join(&[0, 1]);
    let values = Values::put(&cluster, &mut client, TEN, 20);
    let other = cluster.other_controller(&[1]);
    let calls: Vec<Pending> = values
        .values
        .clone()
        .into_iter()
        .map(|(key, value)| {
            let mut client = cluster.client_of(&other);
            Pending::begin(move || expect_value(&key, &value, &client.get(&key), &client))
        })
        .collect();
    let expected = "group 101 answers Gets of the keys that it has, and of no others, though all clerks ask it";
    Pending::await_some(&calls, TEN / 2, expected);
    cluster.leave(&[0]);
    sleep(1_000);
    calls.into_iter().for_each(|call| {
        call.wait_or_tell("a Get of a key that group 101 has by now", || cluster.open_calls())
    });
    cluster.finish_beside(&other)
}

/// Shards are moved to groups that have them.
fn nothing_moves(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let mut values = Values::put(&cluster, &mut client, TEN, 5);
    for groups in [1, 2, 3] {
        let config = cluster.config();
        for shard in [0, TEN - 1] {
            cluster.move_shard(shard, config.shards[shard]);
        }
        sleep(500);
        values.check_and_append(&mut client, 3);
        if groups < 3 {
            cluster.join(&[groups]);
        }
    }
    cluster.finish()
}

/// In the first round the old group does not learn that the new one has the shard.
fn no_reads_of_what_has_left(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let values = Values::put(&cluster, &mut client, TEN, 5);
    for round in 0..2 {
        // Their clerk knows only the configuration before the change.
        let mut late = cluster.client();
        values.values.keys().for_each(|key| drop(late.get(key)));
        if round == 0 {
            cluster.network().intercept(|message| {
                let is_lost = message.leg == Leg::Reply && is_between_groups(message);
                Decision::drop_if(is_lost)
            });
            cluster.join(&[1]);
        } else {
            cluster.leave(&[0]);
        }
        let moved = keys_of(&cluster, 1).pop().expect("group 1 has keys");
        let mut writer = cluster.client();
        let (key, value) = (moved.clone(), format!("x {round} y"));
        let put = Pending::begin(move || writer.put(&key, &value));
        sleep(1_500);
        if put.has_returned() {
            // The shard is served by its new group.
            expect_value(&moved, &format!("x {round} y"), &late.get(&moved), &late);
        }
        cluster.network().stop_intercepting();
        sleep(1_000);
        put.wait_or_tell("a Put of a key that has moved", || cluster.open_calls());
        expect_value(&moved, &format!("x {round} y"), &late.get(&moved), &late);
    }
    cluster.finish()
}

/// The new group takes the configuration before any message passes between groups. Since the first one, its
/// servers do not hear each other. Then its leader crashes, with all that it alone knows. The second time the requests
/// between groups arrive twice.
fn taken_when_committed(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let values = Values::put(&cluster, &mut client, TEN, 5);
    for is_doubled in [false, true] {
        let leader = cluster.group(1).check_one_leader();
        cluster.network().intercept(|message| Decision::drop_if(is_between_groups(message)));
        cluster.join(&[1]);
        sleep(500);
        let moving = Arc::new(AtomicBool::new(false));
        let seen = moving.clone();
        cluster.network().intercept(move |message| {
            let is_between = is_between_groups(message);
            if is_between {
                seen.store(true, Ordering::Relaxed);
            }
            if is_doubled && is_between && message.leg == Leg::Request {
                return Decision::Duplicate;
            }
            let is_within = [message.from, message.to].map(group_of_server) == [Some(1); 2];
            Decision::drop_if(is_within && seen.load(Ordering::Relaxed))
        });
        let begun = Instant::now();
        while !moving.load(Ordering::Relaxed) && begun.elapsed() < Duration::from_secs(2) {
            sleep(1);
        }
        sleep(200);
        cluster.group(1).crash(leader);
        cluster.network().stop_intercepting();
        values.check(&mut client);
        cluster.group(1).restart_connected(leader);
        values.check(&mut client);
        cluster.leave(&[1]);
        values.check(&mut cluster.client());
    }
    cluster.finish()
}

/// Groups join and leave. At one of the first messages between groups, a group restarts.
fn crashes_at_hand_overs(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(500), run);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let mut values = Values::put(&cluster, &mut client, TEN, 5);
    for round in 0..6 {
        let messages = 1 + cluster.draw(8);
        let counter = Counter::new(cluster.network(), is_between_groups);
        if round % 2 == 0 {
            cluster.join(&[1]);
            cluster.join(&[2]);
        } else {
            cluster.leave(&[2]);
            cluster.leave(&[1]);
        }
        let begun = Instant::now();
        while counter.count() < messages && begun.elapsed() < Duration::from_millis(500) {
            sleep(1);
        }
        let group = cluster.draw(3) as usize;
        (0..3).for_each(|server| cluster.group(group).crash(server));
        sleep(cluster.draw(200));
        cluster.restart_group(group);
        values.check_and_append(&mut client, 3);
    }
    cluster.finish()
}

/// Two groups join in one step, and one of them is down. Then both leave, and the same happens again.
fn dead_receiver(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let values = Values::put(&cluster, &mut client, TEN, 5);
    let keys: Vec<String> = values.values.keys().cloned().collect();
    let usual = (0..3).map(|_| slowest_get(&mut client, &keys)).max().unwrap_or_default();
    for _ in 0..3 {
        cluster.crash_group(1);
        cluster.join(&[1, 2]);
        let (staying, moved) = (keys_of(&cluster, 0), keys_of(&cluster, 2));
        let mut other = cluster.client();
        let call = Pending::begin(move || moved.iter().for_each(|key| drop(other.get(key))));
        sleep(1_000);
        // The clerk learns of the change.
        slowest_get(&mut client, &staying);
        let slowest = (0..20).map(|_| slowest_get(&mut client, &staying)).max().unwrap_or_default();
        if sim::is_active() {
            expect_no_delay(&usual, &slowest, "while shards cannot be handed over to a dead group");
        }
        let what = "a Get of a shard that moves to group 102, while group 101 is down,";
        call.wait_or_tell(what, || cluster.open_calls());
        cluster.restart_group(1);
        values.check(&mut client);
        cluster.leave(&[1, 2]);
        // A new clerk asks no group that serves what it has not handed over yet.
        values.check(&mut cluster.client());
        sleep(1_000);
    }
    // When its servers are killed, the group has still something to hand over.
    cluster.crash_group(1);
    cluster.join(&[1]);
    sleep(500);
    cluster.finish()
}

/// Configuration 1 has no groups, because a group leaves that is not there. Later the only group leaves, another one
/// joins, and the first one again: what was stored may be lost, and what is put after that is not.
fn no_groups(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    let mut client = cluster.client();
    cluster.leave(&[2]);
    for group in [0, 1, 0] {
        sleep(300);
        cluster.join(&[group]);
        let mut values = Values::put(&cluster, &mut client, TEN, 5);
        values.check_and_append(&mut client, 3);
        values.check(&mut client);
        // This clerk knows where the key is, and does not know when it is there no more.
        let mut writer = cluster.client();
        writer.put("nobody's", "before");
        cluster.leave(&[group]);
        // By now the group has taken the configuration without groups.
        sleep(300);
        let write = Pending::begin(move || writer.put("nobody's", "after"));
        sleep(300);
        expect(
            !write.has_returned(),
            format_args!(
                "group {} serves no shard that belongs to no group: a Put waits until a group joins",
                cluster.gid(group)
            ),
            "it has returned while there are no groups",
        );
        cluster.join(&[group]);
        write.wait_or_tell("a Put that had to wait for a group", || cluster.open_calls());
        cluster.leave(&[group]);
    }
    cluster.finish()
}
