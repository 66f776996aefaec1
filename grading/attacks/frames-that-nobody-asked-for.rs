// Answers, replies and starts that nobody has asked for, with numbers that do not exist.
// Graded: any
// Unsafe: allowed

use protocol::{Answer, Applied, Frame, FromNode, Outcome, Started as Place, Turn, frame};

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let messages = vec![
            FromNode::Started,
            FromNode::Started,
            FromNode::Answer {
                ask: u64::MAX,
                answer: Answer::Proposed(Some(Place { index: 1, term: 1 })),
            },
            FromNode::Answer { ask: 0, answer: Answer::Value("x".to_owned()) },
            FromNode::Answer { ask: 1, answer: Answer::Threads(vec![]) },
            FromNode::Reply { request: 0, outcome: Outcome::Failed },
            FromNode::Reply { request: u64::MAX, outcome: Outcome::Reply(vec![1]) },
            FromNode::SnapshotEnds,
            FromNode::SnapshotBegins(u64::MAX),
            FromNode::Applied(Applied::Command { index: u64::MAX, command: vec![] }),
        ];
        for message in messages {
            let turn = Turn {
                now: 1,
                deadline: Some(2),
                events: 1,
                hash: 1,
                state: Some((1, self.me == 0)),
            };
            let bytes =
                frame::encode(&Frame { turn, messages: vec![message] }).expect("it is short");
            for number in 0..16 {
                unsafe { libc::write(number, bytes.as_ptr().cast(), bytes.len()) };
            }
        }
    }
}
