//! How nodes end.

use std::iter;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};

use protocol::{Clock, FromNode, Life, Panicked, Question, ToNode};

use crate::support::conversation::Conversation;
use crate::support::process::Node;
use crate::support::{RAFT, first_life, plain_time, virtual_time};

/// The exit code that only a broken harness causes.
const BROKEN_HARNESS: i32 = 76;

/// Lets a misbehaving Raft run until it ends. Returns its last message, and how it has ended.
fn last_words(deed: &str, clock: Clock) -> (FromNode, ExitStatus, String) {
    let mut talk = Conversation::new(Node::misbehaving(deed), first_life(RAFT, 0, clock));
    let last = iter::from_fn(|| talk.next()).last().expect("it says something");
    let (status, printed) = talk.node.wait();
    (last, status, printed)
}

fn panicked(deed: &str, clock: Clock) -> (Panicked, ExitStatus, String) {
    match last_words(deed, clock) {
        (FromNode::Panicked(panicked), status, printed) => (panicked, status, printed),
        other => panic!("{deed}: {other:?}"),
    }
}

#[test]
fn a_panic_is_told_and_ends_the_node() {
    for clock in [Clock::Real, virtual_time(1)] {
        let (panic, status, printed) = panicked("panics", clock.clone());
        assert_eq!(panic.message, "out of luck");
        assert!(panic.place.contains("node_under_test.rs:"), "{}", panic.place);
        assert_eq!((status.code(), printed.as_str()), (Some(101), ""));
        assert_eq!(
            panicked("panics with a number", clock.clone()).0.message,
            "a panic without a message"
        );
        assert_eq!(panicked("panics elsewhere", clock.clone()).0.thread, "helper");
    }
}

#[test]
fn panics_of_many_threads_end_the_node_once() {
    for clock in [Clock::Real, virtual_time(2)] {
        let (panic, status, _) = panicked("panics everywhere", clock.clone());
        assert!(panic.message.ends_with("out of luck"), "{}", panic.message);
        assert_eq!(status.code(), Some(101));
    }
}

#[test]
fn a_panic_during_a_panic_does_not_hang() {
    for clock in [Clock::Real, virtual_time(3)] {
        let (panic, status, _) = panicked("panics twice", clock.clone());
        assert_eq!(panic.message, "out of luck");
        // The second panic may abort the process on its way out.
        assert!(status.code().is_none_or(|code| code == 101), "{status}");
    }
}

#[test]
fn long_messages_are_cut() {
    for clock in [Clock::Real, virtual_time(4)] {
        let (panic, ..) = panicked("panics at length", clock.clone());
        assert_eq!(panic.message, "ä".repeat(32 << 10));
    }
}

#[test]
fn more_than_a_frame_holds_ends_the_node() {
    let life = Life { ends: vec!["server-0".to_owned()], ..first_life(RAFT, 0, plain_time(11)) };
    let mut talk = Conversation::new(Node::spawn(), life);
    talk.await_leader();
    // It saves the command and applies it in one turn.
    talk.tell(ToNode::Ask { ask: 2, question: Question::Propose(vec![7; 20 << 20]) });
    let panicked = talk.find(|said| match said {
        FromNode::Panicked(panicked) => Some(panicked.clone()),
        _ => None,
    });
    let expected = "is too long, or too many are sent at once";
    assert!(panicked.message.ends_with(expected), "{panicked:?}");
    assert_eq!(talk.node.wait().0.code(), Some(101));
}

#[test]
fn a_submission_may_have_a_panic_hook_of_its_own() {
    for clock in [Clock::Real, virtual_time(8)] {
        let node = Node::misbehaving("swallows panics");
        let mut talk = Conversation::new(node, first_life(RAFT, 0, clock.clone()));
        talk.find(|said| matches!(said, FromNode::Call { .. }).then_some(()));
    }
}

#[test]
fn what_a_submission_prints_and_reads_does_not_meet_the_judge() {
    for clock in [Clock::Real, virtual_time(10)] {
        assert_eq!(panicked("reads", clock.clone()).0.message, "Some(0) bytes");
        let node = Node::misbehaving("prints");
        let mut talk = Conversation::new(node, first_life(RAFT, 0, clock.clone()));
        talk.find(|said| matches!(said, FromNode::Call { .. }).then_some(()));
        talk.node.leave();
        assert_eq!(talk.node.wait().1, "a line of the submission\n");
    }
}

#[test]
fn an_exit_or_abort_of_the_submission_ends_the_node_without_a_word() {
    for clock in [Clock::Real, virtual_time(5)] {
        for (deed, code, signal) in [("exits", Some(0), None), ("aborts", None, Some(6))] {
            let (last, status, _) = last_words(deed, clock.clone());
            assert!(!matches!(last, FromNode::Panicked(_)), "{last:?}");
            assert_eq!((status.code(), status.signal()), (code, signal));
        }
    }
}

#[test]
fn a_node_ends_with_its_judge() {
    for clock in [Clock::Real, virtual_time(6)] {
        let mut node = Node::spawn();
        node.begin(first_life(RAFT, 0, clock.clone()));
        node.next_frame().unwrap();
        node.leave();
        let (status, printed) = node.wait();
        assert_eq!((status.code(), printed.as_str()), (Some(0), ""));
    }
    let mut unborn = Node::spawn();
    unborn.leave();
    assert_eq!(unborn.wait().0.code(), Some(0));
}

#[test]
fn what_a_judge_never_says_ends_the_node() {
    let nonsense: [&[u8]; 2] = [&[0xff; 100], &[8, 0, 0, 0, 0, 0, 0, 0, 1, 200, 9, 9]];
    for clock in [Clock::Real, virtual_time(7)] {
        for bytes in nonsense {
            let mut talk = Conversation::new(Node::spawn(), first_life(RAFT, 0, clock.clone()));
            talk.find(|said| (*said == FromNode::Started).then_some(()));
            talk.node.send_bytes(bytes);
            while talk.next().is_some() {}
            let (status, printed) = talk.node.wait();
            assert_eq!(status.code(), Some(BROKEN_HARNESS));
            assert!(printed.starts_with("the harness is broken: "), "{printed}");
        }
    }
}

#[test]
fn a_confined_node_lives_and_ends_like_others() {
    for clock in [Clock::Real, virtual_time(9)] {
        let mut life = first_life(RAFT, 0, clock.clone());
        life.ends.truncate(1);
        let mut talk = Conversation::new(Node::spawn_confined(), life);
        talk.find(|said| (*said == FromNode::Started).then_some(()));
        talk.tell(ToNode::Ask { ask: 1, question: Question::Threads });
        talk.find(|said| matches!(said, FromNode::Answer { ask: 1, .. }).then_some(()));
        talk.node.leave();
        let (status, printed) = talk.node.wait();
        assert_eq!((status.code(), printed.as_str()), (Some(0), ""));
    }
}

#[test]
fn only_the_runner_can_start_a_node() {
    let program = env!("CARGO_BIN_EXE_node_under_test");
    let output = Command::new(program).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(BROKEN_HARNESS));
    let printed = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        printed,
        "this process was not started by the test runner: its standard input and output are not pipes\n"
    );
}
