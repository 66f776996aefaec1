//! 4B, continued: groups whose servers restart, or whose leader changes, while shards are on their way.

use labrpc::Decision;

use super::limits::LIMIT;
use super::shard_4b_challenges::keys_of;
use super::shard_4b_moves::is_between_groups;
use super::shard_load::sleep;
use super::shard_values::{TEN, Values};
use crate::case::{Case, Run, Summary};
use crate::harness::ShardCluster;

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "4B", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[case(
    "snapshot_while_leaving",
    "snapshots include shards that no other group has taken yet",
    snapshot_while_leaving,
)];

/// Shards are to move, and no message passes between groups. Snapshots follow, from which the whole group restarts, or
/// of which one is sent to a server that has missed the change.
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
        cluster.network().intercept(|message| {
            if is_between_groups(message) { Decision::Drop } else { Decision::Pass }
        });
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
    cluster.finish()
}
