//! Nodes in virtual time.

use protocol::{Answer, FromNode, Question, Started, ToNode};
use sim::Stall;

use crate::support::conversation::Conversation;
use crate::support::judge::Judge;
use crate::support::process::Node;
use crate::support::{RAFT, first_life, virtual_time};

fn cluster(seed: u128) -> Judge {
    cluster_of(Node::spawn, seed)
}

fn cluster_of(spawn: impl Fn() -> Node, seed: u128) -> Judge {
    let life = |me| first_life(RAFT, me, virtual_time(seed * 10 + me as u128));
    Judge::of(spawn, (0..3).map(life))
}

#[test]
fn three_nodes_elect_a_leader() {
    let mut judge = cluster(1);
    let (leader, term) = judge.elect();
    // Two heartbeats: a majority may have elected it without the third server.
    judge.run_for(300_000_000);
    for server in 0..3 {
        let leads = server == leader;
        assert_eq!(judge.nodes[server].state, Some((term, leads)));
    }
    let began = judge.said.iter().filter(|(_, message)| *message == FromNode::Started).count();
    assert_eq!(began, 3);
    assert!((500_000_000..10_000_000_000).contains(&judge.now), "{} ns", judge.now);

    let command = b"command".to_vec();
    let started = judge.ask(leader, Question::Propose(command.clone()));
    assert_eq!(started, Answer::Proposed(Some(Started { index: 1, term })));
    let follower = (leader + 1) % 3;
    let refused = judge.ask(follower, Question::Propose(command.clone()));
    assert_eq!(refused, Answer::Proposed(None));
    judge.run_for(1_000_000_000);
    let applied = FromNode::Applied(protocol::Applied::Command { index: 1, command });
    let servers: Vec<usize> =
        judge.said.iter().filter(|(_, said)| *said == applied).map(|(server, _)| *server).collect();
    assert_eq!(servers.len(), 3, "each server applies it once: {servers:?}");

    assert_eq!(judge.ask(leader, Question::Kill), Answer::Killed);
    assert_eq!(judge.ask(leader, Question::Propose(Vec::new())), Answer::Proposed(None));
}

#[test]
fn a_seed_gives_the_same_frames_and_another_seed_does_not() {
    let frames = |spawn: fn() -> Node, seed| {
        let mut judge = cluster_of(spawn, seed);
        let (leader, _) = judge.elect();
        for number in 0_u8..20 {
            judge.ask(leader, Question::Propose(vec![number; 100]));
        }
        judge.run_for(3_000_000_000);
        judge.frames
    };
    let first = frames(Node::spawn, 7);
    assert!(first.len() > 10_000, "{} bytes", first.len());
    assert!(first == frames(Node::spawn, 7), "the frames differ");
    assert!(first != frames(Node::spawn, 8), "the frames are the same");
    assert!(first == frames(Node::spawn_confined, 7), "confined nodes differ");
    let with_log = || Node::spawn_with("RUST_LOG", "raft=trace");
    assert!(first == frames(with_log, 7), "nodes with a log differ");
}

#[test]
fn what_was_saved_is_there_in_the_next_life() {
    let mut judge = cluster(4);
    judge.elect();
    let mut state = Vec::new();
    for said in judge.said_by(0, 0) {
        if let FromNode::Save { state: patch, .. } = said {
            state = patch.apply(state, 1 << 20).expect("a patch for the state before");
        }
    }
    assert!(!state.is_empty());
    let (term, _) = judge.nodes[0].state.unwrap();
    let mut life = first_life(RAFT, 0, virtual_time(44));
    life.state = state;
    let mut alone = Judge::new([life]);
    alone.nodes[0].is_down = true;
    alone.run_until(|judge| judge.nodes[0].state.is_some());
    assert_eq!(alone.nodes[0].state, Some((term, false)));
}

#[test]
fn questions_about_threads_are_answered_at_any_time() {
    let mut judge = cluster(5);
    judge.run_for(100_000_000);
    let Answer::Threads(threads) = judge.ask(0, Question::Threads) else {
        panic!("not threads");
    };
    let is_own = |thread: &&sim::ThreadReport| {
        thread.frames.iter().any(|frame| frame.file.ends_with("raft/src/raft.rs"))
    };
    let own: Vec<&str> =
        threads.iter().filter(is_own).map(|thread| thread.waits.as_str()).collect();
    assert!(own.contains(&"waits for a condition"), "{threads:#?}");
    assert_eq!(judge.ask(0, Question::AppliesWait), Answer::AppliesWait(false));
}

#[test]
fn a_node_whose_thread_spins_says_so() {
    let node = Node::misbehaving("spins");
    let mut talk = Conversation::new(node, first_life(RAFT, 0, virtual_time(6)));
    let stall = talk.find(|said| match said {
        FromNode::Stalled(stall) => Some(stall.clone()),
        _ => None,
    });
    let Stall::Spin(thread) = stall else {
        panic!("{stall:?}");
    };
    assert!(thread.frames.iter().any(|frame| frame.function.contains("node_under_test")));
    let (status, printed) = talk.node.wait();
    assert_eq!((status.code(), printed.as_str()), (Some(1), ""));
}

#[test]
fn a_raft_that_never_answers_costs_one_thread() {
    let node = || Node::misbehaving("waits for ever");
    let mut judge = Judge::of(node, [first_life(RAFT, 0, virtual_time(1))]);
    judge.run_for(2_000_000_000);
    assert_eq!(judge.nodes[0].state, None);
    let Answer::Threads(threads) = judge.ask(0, Question::Threads) else {
        panic!("not threads");
    };
    let asking = threads.iter().filter(|thread| {
        thread.frames.iter().any(|frame| frame.file.ends_with("node/src/state.rs"))
    });
    let waits: Vec<&str> = asking.map(|thread| thread.waits.as_str()).collect();
    assert_eq!(waits, ["waits for a lock"]);
}

#[test]
fn turns_without_work_only_move_the_deadline() {
    let mut node = Node::spawn();
    node.begin(first_life(RAFT, 0, virtual_time(9)));
    let mut turns = 0;
    let mut now = 0;
    while now < 400_000_000 {
        let frame = node.next_frame().unwrap();
        let is_quiet = |said: &FromNode| matches!(said, FromNode::Started | FromNode::Save { .. });
        assert!(frame.messages.iter().all(is_quiet), "{:?}", frame.messages);
        now = frame.turn.deadline.expect("its election");
        turns += 1;
        node.send(now, Vec::new());
    }
    assert!(turns < 20, "{turns} turns until its election");
}

#[test]
fn the_turn_is_given_away_even_if_there_is_no_deadline() {
    let mut life = first_life(protocol::Role::KvClerk, 0, virtual_time(1));
    life.ends.truncate(1);
    let mut node = Node::spawn();
    node.begin(life);
    let mut frame = node.next_frame().unwrap();
    while let Some(deadline) = frame.turn.deadline {
        node.send(deadline, Vec::new());
        frame = node.next_frame().unwrap();
    }
    // News end the wait.
    node.send(5_000, vec![ToNode::Ask { ask: 1, question: Question::Threads }]);
    let frame = node.next_frame().unwrap();
    assert!(matches!(frame.messages[..], [FromNode::Answer { ask: 1, .. }]));
    assert!(frame.turn.now >= 5_000);
}
