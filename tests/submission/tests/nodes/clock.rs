//! Nodes on the clock.

use std::thread;
use std::time::Duration;

use protocol::{Answer, Applied, Clock, FromNode, Operation, Question, Role};

use crate::support::process::Node;
use crate::support::relay::Relay;
use crate::support::{RAFT, first_life};

/// Waits until one of the first three nodes leads, and returns it with its term.
fn elect(relay: &mut Relay) -> (usize, u64) {
    for _ in 0..2_000 {
        for server in 0..3 {
            if let Answer::State { term, leads: true } = relay.ask(server, Question::GetState) {
                return (server, term);
            }
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("nobody leads");
}

#[test]
fn three_nodes_elect_a_leader_and_apply_commands() {
    let mut relay = Relay::new((0..3).map(|me| first_life(RAFT, me, Clock::Real)));
    let mut proposed = None;
    while proposed.is_none() {
        let (leader, _) = elect(&mut relay);
        // It may lose its office in the meantime.
        match relay.ask(leader, Question::Propose(b"command".to_vec())) {
            Answer::Proposed(started) => proposed = started,
            other => panic!("{other:?}"),
        }
    }
    let mut left = vec![0, 1, 2];
    while !left.is_empty() {
        let server = relay.find(|at, said| match said {
            FromNode::Applied(Applied::Command { command, .. }) if command == b"command" => {
                Some(at)
            }
            _ => None,
        });
        left.retain(|other| *other != server);
    }
}

#[test]
fn a_clerk_s_operations_reach_the_servers() {
    let servers = (0..3)
        .map(|me| first_life(Role::KvServer { max_raft_state: Some(1_000) }, me, Clock::Real));
    let clerk = first_life(Role::KvClerk, 0, Clock::Real);
    let mut relay = Relay::new(servers.chain([clerk]));
    let key = || "k".to_owned();
    let value = |value: &str| Answer::Value(value.to_owned());
    let mut operate = |operation| relay.ask(3, Question::Operate(operation));
    assert_eq!(operate(Operation::Put { key: key(), value: "a".to_owned() }), value(""));
    assert_eq!(operate(Operation::Append { key: key(), value: "b".to_owned() }), value(""));
    assert_eq!(operate(Operation::Get { key: key() }), value("ab"));
}

#[test]
fn the_log_names_the_server_if_it_is_asked_for() {
    let mut node = Node::spawn_with("RUST_LOG", "raft=debug");
    node.begin(first_life(RAFT, 1, Clock::Real));
    node.read_until(|said| matches!(said, FromNode::Call { .. }));
    node.leave();
    let (_, printed) = node.wait();
    let line = printed.lines().next().expect("it wants to lead");
    let expected = "s server 1 DEBUG asks whether it would be elected server=1 term=1";
    assert!(line.contains(expected), "{line}");
}
