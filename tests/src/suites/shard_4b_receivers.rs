//! 4B, continued: groups whose leader is deposed when it gets shards.

use std::time::Duration;

use labrpc::Decision;

use super::client_traffic::{is_between_groups, is_of_raft};
use super::expect::happens;
use super::kv_calls::Pending;
use super::limits::ELECTION;
use super::shard_4b_challenges::keys_of;
use super::shard_4b_late::lead_again;
use super::shard_load::sleep;
use super::shard_values::{TEN, Values};
use crate::case::{Run, Summary};
use crate::harness::ShardCluster;

/// The group that gets the shards of the other one when that leaves.
const RECEIVER: usize = 1;

/// How long the others may take to elect a leader.
const SUCCESSION: Duration = Duration::from_secs(3);

/// A leader gets shards and cannot commit that it has: no other server of its group hears it. What it has put into its log
/// is replaced by what its successor commits, which gets no shards. Then it leads again, and the shards come again.
pub(super) fn deposed_receiver(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    cluster.join(&[0, RECEIVER]);
    let mut values = Values::put(&cluster, &mut cluster.client(), TEN, 5);
    for _ in 0..2 {
        let staying = keys_of(&cluster, RECEIVER);
        let leader = cluster.group(RECEIVER).check_one_leader();
        let name = cluster.name_of(RECEIVER, leader);
        cluster.network().intercept(|message| Decision::drop_if(is_between_groups(message)));
        cluster.leave(&[0]);
        // Both groups take the configuration.
        sleep(500);
        let receiver = name.clone();
        cluster.network().intercept(move |message| {
            let is_its = message.from == receiver || message.to == receiver;
            Decision::drop_if(if is_its { is_of_raft(message) } else { is_between_groups(message) })
        });
        sleep(300);
        cluster.network().intercept(move |message| {
            let is_its = message.from == name || message.to == name;
            Decision::drop_if(is_its || is_between_groups(message))
        });
        await_successor(&cluster, leader);
        let mut kept = values.clone();
        kept.values.retain(|key, _| staying.contains(key));
        kept.check_and_append(&mut cluster.client(), 5);
        values.values.extend(kept.values);
        cluster.network().intercept(|message| Decision::drop_if(is_between_groups(message)));
        sleep(ELECTION.as_millis() as u64);
        lead_again(&cluster, RECEIVER, leader);
        cluster.network().stop_intercepting();
        cluster.group(RECEIVER).check_one_leader();
        let (mut client, moved) = (cluster.client(), values.clone());
        Pending::begin(move || moved.check(&mut client)).wait_or_tell(
            "a Get of a shard that moves to a group whose leader got it before, was deposed and leads again,",
            || cluster.open_calls(),
        );
        cluster.join(&[0]);
        values.check_and_append(&mut cluster.client(), 5);
        sleep(1_000);
    }
    cluster.finish()
}

/// Waits until another server leads the group, unless that takes too long.
fn await_successor(cluster: &ShardCluster, leader: usize) {
    let group = cluster.group(RECEIVER);
    let leads = |server| group.get_state(server).is_some_and(|(_, leads)| leads);
    happens(SUCCESSION, Duration::from_millis(10), || {
        (0..group.size()).filter(|server| *server != leader).any(leads)
    });
}
