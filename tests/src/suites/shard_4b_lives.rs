//! 4B, continued: groups whose servers restart, or whose leader changes, while shards are on their way.

use std::time::Duration;

use labrpc::{Decision, Leg};
use protocol::shard_of;

use super::client_traffic::is_between_groups;
use super::expect::happens;
use super::limits::{ELECTION, LIMIT};
use super::shard_4b_challenges::keys_of;
use super::shard_load::sleep;
use super::shard_values::{TEN, Values};
use super::value_checks::expect_value;
use crate::case::{Case, Run, Summary};
use crate::harness::{Client, ShardCluster, group_of_server, server_name};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "4B", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "snapshot_while_leaving",
        "snapshots include shards that are on their way from or to a group",
        snapshot_while_leaving,
    ),
    case(
        "leads_again",
        "a server that leads its group once more serves a shard that came meanwhile",
        leads_again,
    ),
];

/// Shards are to move, and no message passes between groups. Snapshots follow, from which the whole group restarts, or
/// of which one is sent to a server that has missed the change. At last a shard comes to a group that still waits for one
/// of the configuration before.
fn snapshot_while_leaving(run: &Run) -> Summary {
    let cluster = ShardCluster::new(Some(1), run);
    let group = cluster.group(0);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let values = Values::put(&cluster, &mut client, TEN, 5);
    for all_restart in [true, false] {
        let leader = group.check_one_leader();
        let behind = (leader + 1) % 3;
        if !all_restart {
            group.disconnect(behind);
        }
        cluster.network().intercept(|message| Decision::drop_if(is_between_groups(message)));
        cluster.join(&[1]);
        sleep(500);
        // Puts that change nothing, for snapshots to follow. Gets may leave no entries.
        keys_of(&cluster, 0).iter().for_each(|key| client.put(key, &values.values[key]));
        if all_restart {
            cluster.crash_group(0);
            cluster.restart_group(0);
        } else {
            group.connect(behind);
            sleep(500);
            group.crash(leader);
        }
        cluster.network().stop_intercepting();
        values.check(&mut client);
        if all_restart {
            cluster.leave(&[1]);
            values.check(&mut client);
        }
    }
    hand_over_early(&cluster, &mut client, &values);
    cluster.finish()
}

/// One shard is to move to group 0, but comes from a group that is cut off. The next configuration has another group hand
/// over a shard to it, and then all servers of group 0 restart. Whatever they have said of the second shard, it must be
/// there when the first one has come.
fn hand_over_early(cluster: &ShardCluster, client: &mut Client, values: &Values) {
    const CUT_OFF: usize = 2;
    cluster.join(&[CUT_OFF]);
    values.check(client);
    let own = keys_of(cluster, 0);
    let [early, late] =
        [1, CUT_OFF].map(|group| keys_of(cluster, group).pop().expect("each group has keys"));
    cluster.network().intercept(|message| {
        let groups = [message.from, message.to].map(group_of_server);
        Decision::drop_if(is_between_groups(message) && groups.contains(&Some(CUT_OFF)))
    });
    for key in [late, early] {
        cluster.move_shard(shard_of(&key), cluster.gid(0));
        sleep(500);
    }
    own.iter().for_each(|key| client.put(key, &values.values[key]));
    cluster.crash_group(0);
    cluster.restart_group(0);
    cluster.network().stop_intercepting();
    values.check(client);
}

/// A leader of a group is deposed. Its successor takes a shard, which the old leader has in its log, and only the
/// successor knows that this is committed: the old leader hears nothing more, and is elected again. The other
/// group has handed over the shard, and no clerk asks for another one of this group.
fn leads_again(run: &Run) -> Summary {
    /// The bytes of the value that moves: a message with it is longer than all others.
    const VALUE: usize = 3_000;
    let cluster = ShardCluster::new(None, run);
    let group = cluster.group(1);
    let mut client = cluster.client();
    cluster.join(&[0, 1]);
    let mut values = Values::put(&cluster, &mut client, TEN, 5);
    let key = keys_of(&cluster, 0).pop().expect("group 0 has keys");
    client.put(&key, &"v".repeat(VALUE));
    values.values.insert(key.clone(), "v".repeat(VALUE));
    let first = group.check_one_leader();
    group.disconnect(first);
    let successor = group.check_one_leader();
    group.connect(first);
    sleep(500);
    let third = 3 - first - successor;
    group.disconnect(third);
    cluster.network().intercept(|message| Decision::drop_if(is_between_groups(message)));
    cluster.move_shard(shard_of(&key), cluster.gid(1));
    // Both groups take the new configuration.
    sleep(500);
    let [from, to] = [successor, first].map(|server| server_name(group.servers.number(server)));
    let mut has_entry = false;
    cluster.network().intercept(move |message| {
        let is_one = message.leg == Leg::Request && message.from == from && message.to == to;
        let is_lost = is_one && has_entry;
        has_entry |= is_one && message.bytes.len() >= VALUE;
        Decision::drop_if(is_lost)
    });
    happens(4 * ELECTION, Duration::from_millis(20), || {
        group.get_state(first).is_some_and(|(_, leads)| leads)
    });
    cluster.network().stop_intercepting();
    expect_value(&key, &values.values[&key], &client.get(&key), &client);
    group.connect(third);
    values.check(&mut client);
    cluster.finish()
}
