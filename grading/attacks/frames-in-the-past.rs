// Gives the turn back at a time that has passed, and wants to go on before now.
// Graded: any
// Unsafe: allowed

use protocol::{Frame, FromNode, Turn, frame};

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        for turn in [
            Turn { now: 0, deadline: Some(0), events: 0, hash: 0, state: Some((u64::MAX, true)) },
            Turn { now: 1, deadline: Some(1), events: u64::MAX, hash: 7, state: None },
        ] {
            let bytes = frame::encode(&Frame { turn, messages: vec![FromNode::Started] })
                .expect("it is short");
            for number in 0..16 {
                unsafe { libc::write(number, bytes.as_ptr().cast(), bytes.len()) };
            }
        }
        (1, self.me == 0)
    }
}
