// Answers every question that there can be with a leader, in frames of its own on every descriptor.
// Graded: any
// Unsafe: allowed

use protocol::{Answer, Frame, FromNode, Turn, frame};

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let leads = self.me == 0;
        let answers = (0..1_000)
            .map(|ask| FromNode::Answer { ask, answer: Answer::State { term: 1, leads } });
        let turn =
            Turn { now: 1, deadline: None, events: 1, hash: 1, state: Some((1, self.me == 0)) };
        let bytes =
            frame::encode(&Frame { turn, messages: answers.collect() }).expect("it is short");
        for number in 0..1024 {
            unsafe { libc::write(number, bytes.as_ptr().cast(), bytes.len()) };
            unsafe { libc::write(number, bytes.as_ptr().cast(), bytes.len()) };
        }
    }
}
