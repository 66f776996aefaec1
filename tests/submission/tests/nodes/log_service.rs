//! The service of Lab 2.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use protocol::{Answer, Applied, FromNode, Index, Order, Question, Role, ServicePlan};

use crate::support::judge::Judge;
use crate::support::{RAFT, first_life, virtual_time};

const SNAPSHOTS: Role = Role::Raft {
    service: ServicePlan { snapshot_interval: Some(10), longest_pause: Duration::ZERO },
};

fn command(number: u64) -> Vec<u8> {
    number.to_le_bytes().to_vec()
}

#[test]
fn snapshots_are_made_before_every_tenth_index() {
    let mut judge =
        Judge::new((0..3).map(|me| first_life(SNAPSHOTS, me, virtual_time(me as u128))));
    let (leader, _) = judge.elect();
    let down = (leader + 1) % 3;
    judge.nodes[down].is_down = true;
    for number in 1..=25 {
        judge.ask(leader, Question::Propose(command(number)));
        judge.run_for(20_000_000);
    }
    let said = judge.said_by(leader, 0);
    let begins = |index: Index| {
        let begins = |said: &&FromNode| **said == FromNode::SnapshotBegins(index);
        said.iter().position(begins).expect("it makes a snapshot")
    };
    for index in [9, 19] {
        let at = begins(index);
        let applied = Applied::Command { index, command: command(index) };
        assert_eq!(*said[at - 1], FromNode::Applied(applied));
        let after = said[at..].iter().find_map(|said| match said {
            FromNode::Save { snapshot: Some(snapshot), .. } => Some(snapshot),
            FromNode::SnapshotEnds => panic!("nothing was saved"),
            _ => None,
        });
        let expected = labgob::encode(&(index, (1..=index).map(command).collect::<Vec<_>>()));
        assert_eq!(after, Some(&expected));
    }
    let ends = said.iter().filter(|said| ***said == FromNode::SnapshotEnds).count();
    assert_eq!(ends, 2);

    // A server that comes back gets the snapshot, and goes on from there.
    judge.nodes[down].is_down = false;
    let since = judge.said.len();
    judge.run_for(2_000_000_000);
    let (leader, _) = judge.elect();
    for number in 26..=30 {
        judge.ask(leader, Question::Propose(command(number)));
        judge.run_for(200_000_000);
    }
    let said = judge.said_by(down, since);
    let commands = |indexes: RangeInclusive<Index>| indexes.map(|index| ('c', index));
    let expected = [('s', 19)].into_iter().chain(commands(20..=29)).chain([('b', 29), ('c', 30)]);
    assert_eq!(steps(&said), expected.collect::<Vec<_>>());
    assert_eq!(last_snapshot(&said), (29, (1..=29).map(command).collect()));
}

#[test]
fn the_service_stops_and_makes_snapshots_when_it_is_told_to() {
    let mut life = first_life(RAFT, 0, virtual_time(5));
    life.ends.truncate(1);
    let mut judge = Judge::new([life]);
    judge.elect();
    for order in [Order::SnapshotAt(3), Order::StopAt(3)] {
        assert_eq!(judge.ask(0, Question::Order(order)), Answer::Ordered);
    }
    for number in 1..=5 {
        judge.ask(0, Question::Propose(command(number)));
    }
    judge.run_for(1_000_000_000);
    let applied: Vec<_> = (1..=3).map(|index| ('c', index)).collect();
    assert_eq!(steps(&judge.said_by(0, 0)), applied);

    let since = judge.said.len();
    judge.ask(0, Question::Order(Order::GoOn));
    judge.run_for(1_000_000_000);
    assert_eq!(steps(&judge.said_by(0, since)), [('b', 3), ('c', 4), ('c', 5)]);
}

/// What the service has received, and the snapshots that it has begun.
fn steps(said: &[&FromNode]) -> Vec<(char, Index)> {
    let step = |said: &&FromNode| match said {
        FromNode::Applied(Applied::Command { index, .. }) => Some(('c', *index)),
        FromNode::Applied(Applied::Snapshot { index, .. }) => Some(('s', *index)),
        FromNode::SnapshotBegins(index) => Some(('b', *index)),
        _ => None,
    };
    said.iter().filter_map(step).collect()
}

/// The snapshot that a server has saved last.
fn last_snapshot(said: &[&FromNode]) -> (Index, Vec<Vec<u8>>) {
    let snapshot = said.iter().rev().find_map(|said| match said {
        FromNode::Save { snapshot: Some(snapshot), .. } => Some(snapshot.as_slice()),
        _ => None,
    });
    labgob::decode(snapshot.expect("it has saved one")).unwrap()
}

#[test]
fn the_service_goes_on_from_the_snapshot_of_the_last_life() {
    let snapshot = labgob::encode(&(9_u64, (1..=9).map(command).collect::<Vec<_>>()));
    for damaged in [false, true] {
        // One server is a cluster of its own. Its state is that of the reference solution: term, vote, and a
        // log with base index, base term, entries, and the members from index 9 on.
        let mut life = first_life(SNAPSHOTS, 0, virtual_time(3));
        life.ends.truncate(1);
        let no_entries = Vec::<(u64, Vec<u8>)>::new();
        let log = (9_u64, 4_u64, no_entries, BTreeMap::from([(9_u64, vec![0_usize])]));
        life.state = labgob::encode(&(4_u64, None::<usize>, log));
        life.snapshot = if damaged { vec![0xff; 10] } else { snapshot.clone() };
        let mut judge = Judge::new([life]);
        let (leader, _) = judge.elect();
        for number in 10..=19 {
            judge.ask(leader, Question::Propose(command(number)));
        }
        judge.run_for(1_000_000_000);
        let first = if damaged { 10 } else { 1 };
        let expected = (19, (first..=19).map(command).collect());
        assert_eq!(last_snapshot(&judge.said_by(0, 0)), expected);
    }
}
