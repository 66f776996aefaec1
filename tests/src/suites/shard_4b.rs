//! 4B: the sharded store.

use super::kv_calls::{Pending, introduce};
use super::limits::LIMIT;
use super::shard_4b_load::{
    concurrent1, concurrent2, concurrent3, crashes_during_changes, unreliable2, unreliable3,
};
use super::shard_load::sleep;
use super::shard_values::{TEN, Values};
use super::value_checks::expect_value;
use crate::case::{Case, Run, Summary};
use crate::harness::{Client, ShardCluster};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "4B", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case("static_shards", "each group serves its own shards and no others", static_shards),
    case("join_leave", "shards move when groups join and leave", join_leave),
    case(
        "snapshot",
        "no write is lost when all servers restart from snapshots after changes",
        snapshot,
    ),
    case("miss_change", "servers that missed changes catch up", miss_change),
    case("concurrent1", "no write is lost when groups restart during changes", concurrent1),
    case(
        "concurrent2",
        "no write is lost when groups restart after changes, without snapshots",
        concurrent2,
    ),
    case("concurrent3", "no write is lost when changes and restarts never stop", concurrent3),
    case("unreliable1", "shards move despite lost messages", unreliable1),
    case("unreliable2", "each write happens once despite changes and lost messages", unreliable2),
    case("unreliable3", "answers are linearizable despite changes and lost messages", unreliable3),
    case(
        "repeated_at_new_group",
        "a group that gets a shard recognizes requests that were done before",
        repeated_at_new_group,
    ),
    case(
        "crashes_during_changes",
        "changes survive crashes of any server, also of the controller",
        crashes_during_changes,
    ),
];

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
            Pending::begin(move || expect_value(&key, &value, &client.get(&key), &client))
        })
        .collect();
    let expected = "Gets of ten keys return for those of group 100, while group 101 is down";
    Pending::await_some(&calls, TEN / 2, expected);
    cluster.restart_group(1);
    values.check(&mut client);
    calls.into_iter().for_each(|call| {
        call.wait_or_tell("a Get of a key of the restarted group", || cluster.open_calls())
    });
    cluster.check_sizes();
    cluster.finish()
}

fn join_leave(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let mut values = Values::put(&cluster, &mut client, TEN, 5);
    let mut idle = cluster.client();
    values.check(&mut idle);
    cluster.join(&[1]);
    values.check_and_append(&mut client, 5);
    cluster.leave(&[0]);
    values.check_and_append(&mut client, 5);
    sleep(1_000);
    cluster.check_sizes();
    cluster.crash_group(0);
    values.check(&mut client);
    come_back_with_others(&cluster, &mut client, &values);
    let call = Pending::begin(move || values.check(&mut idle));
    sleep(2_000);
    call.wait_or_tell(
        "a Get of a clerk that knows only group 100, which has left and is down,",
        || cluster.open_calls(),
    );
    cluster.finish()
}

/// A group joins, leaves, and joins again with another list of servers. In the places that the clerk knows from the
/// first list there are servers that are down, as those of group 0 are, or do not lead, or none at all.
fn come_back_with_others(cluster: &ShardCluster, client: &mut Client, values: &Values) {
    let group = cluster.group(2);
    let number = |group: usize, server| cluster.group(group).servers.number(server);
    // Until a group knows of a change, it goes on serving the keys that move. And until the clerk knows, it uses the old
    // list. So each check is some time after the change.
    let mut check = || {
        sleep(1_000);
        values.check(client);
    };
    group.crash(2);
    cluster.join_with(2, &[number(0, 0), number(2, 0), number(2, 1)]);
    check();
    cluster.leave(&[2]);
    check();
    // Until now, the groups may have had something to tell each other about the shards.
    sleep(2_000);
    group.restart_connected(2);
    have_last_lead(cluster, 2);
    group.crash(0);
    cluster.join_with(2, &[number(2, 1), number(2, 2), number(0, 1)]);
    check();
    cluster.leave(&[2]);
    check();
    group.restart_connected(0);
    have_last_lead(cluster, 2);
    // The clerk learns that the last of three leads. In the next list there are two.
    for servers in [&[0, 1, 2][..], &[2, 0]] {
        // Whoever leads must be in the list.
        let absent = (0..group.size()).filter(|server| !servers.contains(server));
        absent.for_each(|server| group.crash(server));
        let names: Vec<usize> = servers.iter().map(|server| number(2, *server)).collect();
        cluster.join_with(2, &names);
        check();
        cluster.leave(&[2]);
        check();
    }
}

/// Has the last server of a group lead it, unless chance elects another one again and again.
fn have_last_lead(cluster: &ShardCluster, group: usize) {
    let group = cluster.group(group);
    for _ in 0..4 {
        let leader = group.check_one_leader();
        if leader == 2 {
            break;
        }
        group.crash(leader);
        group.check_one_leader();
        group.restart_connected(leader);
    }
}

fn snapshot(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(1_000), run);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let mut values = Values::put(&cluster, &mut client, 30, 20);
    cluster.join(&[1]);
    cluster.join(&[2]);
    cluster.leave(&[0]);
    values.check_and_append(&mut client, 20);
    cluster.leave(&[1]);
    cluster.join(&[0]);
    values.check_and_append(&mut client, 20);
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
    values.check_and_append(&mut client, 20);
    cluster.join(&[1]);
    values.check_and_append(&mut client, 20);
    all(&|group| cluster.group(group).restart_connected(0));
    values.check_and_append(&mut client, 20);
    sleep(2_000);
    all(&|group| cluster.group(group).crash(1));
    cluster.join(&[0]);
    cluster.leave(&[2]);
    values.check_and_append(&mut client, 20);
    all(&|group| cluster.group(group).restart_connected(1));
    values.check(&mut client);
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
    values.check_and_append(&mut client, 5);
    values.check_and_append(&mut client, 5);
    cluster.join(&[0]);
    cluster.leave(&[1]);
    values.check(&mut client);
    values.check(&mut client);
    cluster.finish()
}

/// The clerk gets no answer until the shard has moved.
fn repeated_at_new_group(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(1_000), run);
    let mut reader = cluster.client();
    cluster.join(&[0]);
    let keys: Vec<String> = (0..TEN).map(|key| key.to_string()).collect();
    keys.iter().for_each(|key| reader.put(key, ""));
    for round in 0..2u64 {
        let mut clients: Vec<Client> = keys.iter().map(|_| cluster.client()).collect();
        clients.iter_mut().zip(&keys).for_each(|(client, key)| introduce(client, key));
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
        calls.into_iter().for_each(|call| {
            call.wait_or_tell("an Append whose replies were lost", || cluster.open_calls())
        });
        let expected: String = (0..=round).map(|round| format!("x {round} y")).collect();
        for key in &keys {
            expect_value(key, &expected, &reader.get(key), &reader);
        }
    }
    cluster.finish()
}
