//! 4B, continued: messages about an earlier move of a shard.

use std::sync::Arc;
use std::time::Duration;

use labrpc::{Decision, Leg};
use parking_lot::Mutex;

use super::client_traffic::{hold_next, is_between_groups, is_of_raft, release_all};
use super::expect::happens;
use super::shard_load::sleep;
use super::shard_values::{TEN, Values};
use crate::case::{Run, Summary};
use crate::harness::{Client, ShardCluster};

/// How long a server that has led before may take to lead again. The call whose answer is held fails 7 s after it was
/// made.
const LEAD_AGAIN: Duration = Duration::from_secs(3);

/// First a request comes when its shard has moved twice more, then an answer; then groups learn only later that another
/// group has their shards, which has gone on meanwhile.
pub(super) fn late_hand_over(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    let mut client = cluster.client();
    cluster.join(&[0]);
    let mut values = Values::put(&cluster, &mut client, TEN, 5);
    late_request(&cluster, &mut client, &mut values);
    cluster.leave(&[1]);
    values.check_and_append(&mut client, 5);
    for asking in [0, 1] {
        late_answer(&cluster, &mut client, &mut values, asking);
        cluster.leave(&[1]);
        values.check_and_append(&mut client, 5);
    }
    lost_answers(&cluster, &mut client, &mut values);
    cluster.finish()
}

/// The first request that the leader of the new group gets is held until the shard has come back and moves once more.
fn late_request(cluster: &ShardCluster, client: &mut Client, values: &mut Values) {
    let leader = cluster.name_of(1, cluster.group(1).check_one_leader());
    hold_next(cluster.network(), move |message| {
        is_between_groups(message) && message.leg == Leg::Request && message.to == leader
    });
    cluster.join(&[1]);
    values.check_and_append(client, 5);
    cluster.leave(&[1]);
    values.check_and_append(client, 5);
    cluster.network().intercept(|message| Decision::drop_if(is_between_groups(message)));
    cluster.join(&[1]);
    sleep(1_000);
    release_late(cluster, client, values);
}

/// The answers of one group to the leader of the other one, if that asks anything, are held. The next leader there gets its
/// own, the shards come back, and they are about to move once more when the old leader, which leads again, gets those
/// answers.
fn late_answer(cluster: &ShardCluster, client: &mut Client, values: &mut Values, asking: usize) {
    // First both groups take the configuration.
    cluster.network().intercept(|message| Decision::drop_if(is_between_groups(message)));
    cluster.join(&[1]);
    sleep(300);
    let held = hold_answers_to(cluster, asking);
    sleep(500);
    let Some(server) = *held.lock() else {
        cluster.network().stop_intercepting();
        return values.check(client);
    };
    let group = cluster.group(asking);
    group.disconnect(server);
    group.check_one_leader();
    // Its successor asks again.
    sleep(500);
    group.connect(server);
    values.check(client);
    cluster.leave(&[1]);
    // A new clerk asks no group that serves what it has not handed over yet.
    values.check_and_append(&mut cluster.client(), 5);
    cluster.network().intercept(|message| Decision::drop_if(is_between_groups(message)));
    cluster.join(&[1]);
    sleep(200);
    lead_again(cluster, asking, server);
    sleep(100);
    release_late(cluster, client, values);
}

/// Holds the replies of the other group to the first server of this one that gets any, and lets all else pass. Returns where
/// that server will be. Only a leader can say that it has taken a shard, so group 0, which gives them, waits for no other;
/// a shard may come from any server.
fn hold_answers_to(cluster: &ShardCluster, group: usize) -> Arc<Mutex<Option<usize>>> {
    let held = Arc::new(Mutex::new(None));
    let asking = held.clone();
    let other = 1 - group;
    let leader = cluster.group(other).check_one_leader();
    let asked: Vec<String> = (0..cluster.group(other).size())
        .filter(|server| group == 1 || *server == leader)
        .map(|server| cluster.name_of(other, server))
        .collect();
    let servers = 0..cluster.group(group).size();
    let names: Vec<String> = servers.map(|server| cluster.name_of(group, server)).collect();
    cluster.network().intercept(move |message| {
        if message.leg != Leg::Reply || !asked.iter().any(|name| name == message.from) {
            return Decision::Pass;
        }
        let Some(server) = names.iter().position(|name| name == message.to) else {
            return Decision::Pass;
        };
        match *asking.lock().get_or_insert(server) == server {
            true => Decision::Hold,
            false => Decision::Pass,
        }
    });
    held
}

/// Lets what is held arrive, while what else is between groups is still lost. Then all goes on.
fn release_late(cluster: &ShardCluster, client: &mut Client, values: &mut Values) {
    release_all(cluster.network());
    sleep(200);
    cluster.network().stop_intercepting();
    values.check_and_append(client, 5);
    values.check(client);
}

/// Groups get no answers from each other while one joins, and while the next one does.
fn lost_answers(cluster: &ShardCluster, client: &mut Client, values: &mut Values) {
    cluster.network().intercept(|message| {
        Decision::drop_if(message.leg == Leg::Reply && is_between_groups(message))
    });
    for group in [1, 2] {
        cluster.join(&[group]);
        sleep(1_000);
    }
    cluster.network().stop_intercepting();
    values.check_and_append(client, 5);
    values.check(client);
}

/// Has a server of a group lead it again, unless that takes too long: the others are heard by nobody. No message passes
/// between groups. This goes on until the network is told otherwise.
pub(super) fn lead_again(cluster: &ShardCluster, group: usize, server: usize) {
    let others: Vec<String> = (0..cluster.group(group).size())
        .filter(|other| *other != server)
        .map(|other| cluster.name_of(group, other))
        .collect();
    cluster.network().intercept(move |message| {
        let is_of_other =
            message.leg == Leg::Request && others.iter().any(|other| other == message.from);
        Decision::drop_if(is_between_groups(message) || is_of_other && is_of_raft(message))
    });
    happens(LEAD_AGAIN, Duration::from_millis(10), || {
        cluster.group(group).get_state(server).is_some_and(|(_, leads)| leads)
    });
}
