//! 4B, continued: groups that hand over shards while they are not whole.

use labrpc::{Decision, Message};

use super::kv_calls::Pending;
use super::limits::ELECTION;
use super::shard_4b_late::lead_again;
use super::shard_load::sleep;
use super::shard_values::{TEN, Values};
use crate::case::{Run, Summary};
use crate::harness::ShardCluster;

/// How long groups are down that have to hand over shards: whoever waits longer and longer has to wait for long after
/// one of these times.
const ABSENCES: [u64; 3] = [7, 9, 11];

/// A group hands over its shards when its receiver is back, whoever has led it meanwhile; when it is back itself; and while
/// one of its servers does not hear the others.
pub(super) fn absent_givers(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    cluster.join(&[0]);
    let values = Values::put(&cluster, &mut cluster.client(), TEN, 5);
    lead_meanwhile(&cluster, &values, [0, 1], ABSENCES[1]);
    leave(&cluster, &values, 1);
    let mut absent = 0;
    for (new, seconds) in [1, 2, 0].into_iter().zip(ABSENCES) {
        come_back(&cluster, &values, [absent, new], seconds);
        leave(&cluster, &values, absent);
        absent = new;
    }
    for (old, new) in [(0, 1), (1, 2)] {
        cut_off_first(&cluster, [old, new]);
        cluster.join(&[new]);
        cluster.leave(&[old]);
        let when = "while the first server of each hears no other of its group";
        expect_values(&cluster, &values, [old, new], when);
        cluster.network().stop_intercepting();
        sleep(1_000);
    }
    cluster.finish()
}

/// The leader of a group that is to hand over shards to one that is down is deposed, and leads again before that one is
/// back.
fn lead_meanwhile(cluster: &ShardCluster, values: &Values, [old, new]: [usize; 2], seconds: u64) {
    let group = cluster.group(old);
    cluster.crash_group(new);
    cluster.join(&[new]);
    sleep(500);
    let leader = group.check_one_leader();
    group.disconnect(leader);
    group.check_one_leader();
    group.connect(leader);
    // Long enough to be deposed, and to get what it lacks.
    sleep(500);
    lead_again(cluster, old, leader);
    cluster.network().stop_intercepting();
    sleep(1_000 * seconds);
    cluster.restart_group(new);
    cluster.group(new).check_one_leader();
    let when = format!(
        "once the second one, which was down for {seconds} s, has a leader, and the leader of the first one has led it \
         before"
    );
    expect_values(cluster, values, [old, new], &when);
}

/// A group is down when another one joins, for long.
fn come_back(cluster: &ShardCluster, values: &Values, [absent, new]: [usize; 2], seconds: u64) {
    cluster.crash_group(absent);
    cluster.join(&[new]);
    sleep(1_000 * seconds);
    cluster.restart_group(absent);
    cluster.group(absent).check_one_leader();
    let when = format!("once the first one, which was down for {seconds} s, has a leader");
    expect_values(cluster, values, [absent, new], &when);
}

/// Has a group leave, and waits until its shards have moved. A new clerk asks no group that serves what it has not handed
/// over yet.
fn leave(cluster: &ShardCluster, values: &Values, group: usize) {
    cluster.leave(&[group]);
    values.check(&mut cluster.client());
    sleep(1_000);
}

/// Fails the test unless a new clerk soon finds each value. `when` says since when shards can move from the first of these
/// groups to the second.
fn expect_values(cluster: &ShardCluster, values: &Values, groups: [usize; 2], when: &str) {
    let [old, new] = groups.map(|group| cluster.gid(group));
    let what = format!("a Get of a shard that moves from group {old} to {new}, {when},");
    let (mut client, values) = (cluster.client(), values.clone());
    Pending::begin(move || values.check(&mut client)).wait_or_tell(&what, || cluster.open_calls());
}

/// Has the first server of each of two groups hear none of the others, nor they it. It does not lead.
fn cut_off_first(cluster: &ShardCluster, groups: [usize; 2]) {
    for group in groups.map(|group| cluster.group(group)) {
        while group.check_one_leader() == 0 {
            group.crash(0);
            sleep(ELECTION.as_millis() as u64);
            group.restart_connected(0);
        }
    }
    let first = groups.map(|group| cluster.name_of(group, 0));
    let others = groups.map(|group| [1, 2].map(|server| cluster.name_of(group, server)));
    cluster.network().intercept(move |message| {
        let is_cut = |(first, others): (&String, &[String; 2])| is_between(message, first, others);
        Decision::drop_if(first.iter().zip(&others).any(is_cut))
    });
}

fn is_between(message: &Message<'_>, one: &str, others: &[String]) -> bool {
    let (from, to) = (message.from, message.to);
    let is_other = |name: &str| others.iter().any(|other| other == name);
    from == one && is_other(to) || to == one && is_other(from)
}
