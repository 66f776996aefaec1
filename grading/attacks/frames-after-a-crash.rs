// Keeps sending in a life that has ended: asks to be killed, and goes on.
// Graded: any
// Unsafe: allowed
// Stages: 2C

use protocol::{Answer, Frame, FromNode, Turn, frame};

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        (1, self.me == 0)
    }

    fn killed(&self) {
        let turn =
            Turn { now: 1, deadline: None, events: 1, hash: 1, state: Some((1, self.me == 0)) };
        let messages =
            (0..100).map(|ask| FromNode::Answer { ask, answer: Answer::Killed }).collect();
        let bytes = frame::encode(&Frame { turn, messages }).expect("it is short");
        loop {
            for number in 0..16 {
                unsafe { libc::write(number, bytes.as_ptr().cast(), bytes.len()) };
            }
        }
    }
}
