// Says that the end of time has come, and wants to go on after it.
// Graded: any
// Unsafe: allowed

use protocol::{Frame, FromNode, Turn, frame};

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        for now in [u64::MAX, u64::MAX - 1, 1 << 62] {
            let turn = Turn {
                now,
                deadline: Some(u64::MAX),
                events: 1,
                hash: 1,
                state: Some((1, self.me == 0)),
            };
            let bytes = frame::encode(&Frame { turn, messages: vec![FromNode::Started] })
                .expect("it is short");
            for number in 0..16 {
                unsafe { libc::write(number, bytes.as_ptr().cast(), bytes.len()) };
            }
        }
        (1, self.me == 0)
    }
}
