//! Clerks, against servers that the test plays.

use std::collections::BTreeMap;

use protocol::{Answer, Clock, Config, FromNode, Life, Operation, Outcome, Question, Role, ToNode};

use crate::support::conversation::Conversation;
use crate::support::process::Node;
use crate::support::{first_life, virtual_time};

fn clerk(role: Role, servers: &[&str], clock: Clock) -> Conversation {
    let ends = servers.iter().map(|server| (*server).to_owned()).collect();
    Conversation::new(Node::spawn(), Life { ends, ..first_life(role, 0, clock) })
}

fn ask(talk: &mut Conversation, ask: u64, operation: Operation) {
    talk.tell(ToNode::Ask { ask, question: Question::Operate(operation) });
}

/// The next call: its number, end and method.
fn next_call(talk: &mut Conversation) -> (u64, u64, String) {
    talk.find(|said| match said {
        FromNode::Call { call, end, method, .. } => Some((*call, *end, method.clone())),
        _ => None,
    })
}

fn reply(talk: &mut Conversation, call: u64, reply: &impl serde::Serialize) {
    let outcome = Outcome::Reply(labgob::encode(reply));
    talk.tell(ToNode::Outcome { call, outcome });
}

fn next_answer(talk: &mut Conversation) -> (u64, Answer) {
    talk.find(|said| match said {
        FromNode::Answer { ask, answer } => Some((*ask, answer.clone())),
        FromNode::Call { .. } => panic!("it goes on asking: {said:?}"),
        _ => None,
    })
}

#[test]
fn a_clerk_asks_until_it_succeeds() {
    for clock in [Clock::Real, virtual_time(1)] {
        let mut talk = clerk(Role::KvClerk, &["server-0", "server-1"], clock);
        ask(&mut talk, 5, Operation::Get { key: "k".to_owned() });
        // Two chances for the first server, whose messages are lost.
        for _ in 0..2 {
            let (call, end, method) = next_call(&mut talk);
            assert_eq!((end, method.as_str()), (0, "KvServer.Operate"));
            talk.tell(ToNode::Outcome { call, outcome: Outcome::Failed });
        }
        let (call, end, _) = next_call(&mut talk);
        assert_eq!(end, 1);
        reply(&mut talk, call, &Some("value"));
        assert_eq!(next_answer(&mut talk), (5, Answer::Value("value".to_owned())));
    }
}

#[test]
fn operations_of_a_clerk_are_carried_out_one_at_a_time() {
    let put = |value: &str| Operation::Put { key: "k".to_owned(), value: value.to_owned() };
    let append = Operation::Append { key: "k".to_owned(), value: "c".to_owned() };
    for clock in [Clock::Real, virtual_time(2)] {
        let mut talk = clerk(Role::KvClerk, &["server-0"], clock);
        for (number, operation) in [put("a"), put("b"), append.clone()].into_iter().enumerate() {
            ask(&mut talk, number as u64, operation);
        }
        for number in 0..3 {
            let (call, ..) = next_call(&mut talk);
            reply(&mut talk, call, &Some(""));
            assert_eq!(next_answer(&mut talk), (number, Answer::Value(String::new())));
        }
    }
}

fn config() -> Config {
    let groups = BTreeMap::from([(7, vec!["server-1000".to_owned(), "server-1001".to_owned()])]);
    Config { number: 3, shards: [7; protocol::SHARDS], groups }
}

#[test]
fn a_clerk_of_the_controller_gives_configurations() {
    for clock in [Clock::Real, virtual_time(3)] {
        let mut talk = clerk(Role::ControllerClerk, &["server-0"], clock);
        let changes = [
            Operation::Join { groups: config().groups },
            Operation::Move { shard: 1, gid: 7 },
            Operation::Leave { gids: vec![7] },
        ];
        for change in changes {
            ask(&mut talk, 1, change);
            let (call, _, method) = next_call(&mut talk);
            assert_eq!(method, "Ctrler.Operate");
            reply(&mut talk, call, &Some(config()));
            assert_eq!(next_answer(&mut talk), (1, Answer::Config(Config::default())));
        }
        ask(&mut talk, 2, Operation::Query { number: None });
        let (call, ..) = next_call(&mut talk);
        reply(&mut talk, call, &Some(config()));
        assert_eq!(next_answer(&mut talk), (2, Answer::Config(config())));
    }
}

#[test]
fn a_clerk_of_the_sharded_store_makes_ends_to_the_groups() {
    for clock in [Clock::Real, virtual_time(4)] {
        let mut talk = clerk(Role::ShardClerk, &["server-0", "server-1"], clock);
        ask(&mut talk, 1, Operation::Get { key: "k".to_owned() });
        let (call, end, _) = next_call(&mut talk);
        assert!(end < 2);
        reply(&mut talk, call, &Some(config()));
        let mut made = BTreeMap::new();
        let (end, method) = loop {
            match talk.next().expect("it lives") {
                FromNode::MakeEnd { end, to } => {
                    assert_eq!(end, 2 + made.len() as u64);
                    made.insert(end, to);
                }
                FromNode::Call { end, method, .. } => break (end, method),
                other => panic!("{other:?}"),
            }
        };
        assert!(made[&end].starts_with("server-100"), "{made:?}");
        assert_eq!(method, "ShardServer.Operate");
    }
}

#[test]
fn a_clerk_has_no_methods() {
    let mut talk = clerk(Role::KvClerk, &["server-0"], Clock::Real);
    let (method, args) = ("Raft.RequestVote".to_owned(), Vec::new());
    talk.tell(ToNode::Request { request: 4, method, args });
    let outcome = talk.find(|said| match said {
        FromNode::Reply { request: 4, outcome } => Some(outcome.clone()),
        _ => None,
    });
    assert_eq!(outcome, Outcome::Refused("no method Raft.RequestVote; this is a clerk".to_owned()));
}

#[test]
fn a_clerk_of_another_kind_is_the_harness_s_fault() {
    let mut talk = clerk(Role::KvClerk, &["server-0"], Clock::Real);
    ask(&mut talk, 1, Operation::Leave { gids: vec![7] });
    while talk.next().is_some() {}
    assert_eq!(talk.node.wait().0.code(), Some(76));
}
