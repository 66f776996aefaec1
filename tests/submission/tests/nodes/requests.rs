//! Requests to a node, and its calls.

use protocol::{Answer, Clock, FromNode, Outcome, Question, ToNode};

use crate::support::conversation::Conversation;
use crate::support::process::Node;
use crate::support::{RAFT, first_life, virtual_time};

fn request(request: u64, method: &str, args: Vec<u8>) -> ToNode {
    ToNode::Request { request, method: method.to_owned(), args }
}

fn refusal(said: &[FromNode], number: u64) -> &str {
    let reply =
        |said: &FromNode| matches!(said, FromNode::Reply { request, .. } if *request == number);
    match said.iter().find(|said| reply(said)) {
        Some(FromNode::Reply { outcome: Outcome::Refused(reason), .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn requests_that_come_with_the_start_are_kept_until_it_is_made() {
    let mut node = Node::spawn();
    let start = ToNode::Start(Box::new(first_life(RAFT, 0, Clock::Real)));
    let ask = ToNode::Ask { ask: 9, question: Question::GetState };
    node.send(0, vec![start, request(1, "Raft.NoSuchThing", Vec::new()), ask]);
    let said = node.read_until(|said| matches!(said, FromNode::Answer { .. }));
    let place = |wanted: &FromNode| said.iter().position(|said| said == wanted);
    let answer = Answer::State { term: 0, leads: false };
    let answered = place(&FromNode::Answer { ask: 9, answer });
    let started = place(&FromNode::Started);
    assert!(started.is_some() && started < answered, "{said:?}");
    assert!(refusal(&said, 1).starts_with("no method Raft.NoSuchThing; this server has Raft."));
}

#[test]
fn a_save_comes_before_the_reply_that_relies_on_it() {
    // In the reference solution: term, candidate, index and term of its last entry, and whether its leader wants this election.
    let args = labgob::encode(&(5_u64, 1_usize, 0_u64, 0_u64, false));
    for clock in [Clock::Real, virtual_time(1)] {
        let mut talk = Conversation::new(Node::spawn(), first_life(RAFT, 0, clock));
        talk.tell(request(3, "Raft.RequestVote", args.clone()));
        let mut state = Vec::new();
        let outcome = loop {
            match talk.next().unwrap() {
                FromNode::Save { state: patch, .. } => state = patch.apply(state, 1_000).unwrap(),
                FromNode::Reply { request: 3, outcome } => break outcome,
                _ => {}
            }
        };
        assert_eq!(outcome, Outcome::Reply(labgob::encode(&(5_u64, true))));
        // Term and vote come first.
        assert!(state.starts_with(&labgob::encode(&(5_u64, Some(1_usize)))), "{state:?}");
    }
}

#[test]
fn what_cannot_be_decoded_is_refused() {
    let mut node = Node::spawn();
    node.begin(first_life(RAFT, 0, Clock::Real));
    node.send(0, vec![request(7, "Raft.RequestVote", vec![0xff])]);
    let said = node.read_until(|said| matches!(said, FromNode::Reply { .. }));
    assert!(refusal(&said, 7).starts_with("arguments of Raft.RequestVote: failed to decode"));
}

#[test]
fn a_refused_call_and_a_reply_of_another_kind_panic_in_the_caller() {
    let outcomes = [
        (
            Outcome::Refused("no such method".to_owned()),
            "server-1 refused the call: no such method",
        ),
        (Outcome::Reply(vec![0xff]), "reply of Raft.PreVote from server-1: failed to decode"),
    ];
    for (outcome, expected) in outcomes {
        let mut node = Node::spawn();
        node.begin(first_life(RAFT, 0, Clock::Real));
        let said = node.read_until(|said| matches!(said, FromNode::Call { end: 1, .. }));
        let Some(FromNode::Call { call, .. }) = said.last() else {
            panic!("{said:?}");
        };
        node.send(0, vec![ToNode::Outcome { call: *call, outcome }]);
        let said = node.read_until(|_| false);
        let Some(FromNode::Panicked(panicked)) = said.last() else {
            panic!("{said:?}");
        };
        assert!(panicked.message.starts_with(expected), "{}", panicked.message);
    }
}

#[test]
fn an_outcome_of_no_call_is_the_harness_s_fault() {
    let mut node = Node::spawn();
    node.begin(first_life(RAFT, 0, Clock::Real));
    node.send(0, vec![ToNode::Outcome { call: 99, outcome: Outcome::Failed }]);
    node.read_until(|_| false);
    let (status, printed) = node.wait();
    assert_eq!(status.code(), Some(76));
    assert_eq!(printed, "the harness is broken: call 99 has no outcome to wait for\n");
}
