// Calls through ends that it never made, and makes ends to whoever it likes, under any number.
// Graded: any
// Unsafe: allowed

use protocol::{Frame, FromNode, Turn, frame};

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let mut messages =
            vec![FromNode::MakeEnd { end: u64::MAX, to: "\u{1b}[2J".repeat(1 << 16) }];
        messages.extend(
            (0..64).map(|end| FromNode::MakeEnd { end, to: format!("server-{}", end % 9) }),
        );
        messages.extend((0..64).chain([u64::MAX]).map(|end| FromNode::Call {
            call: 7,
            end,
            method: "Raft.RequestVote".to_owned(),
            args: vec![9, 1, 0, 0],
        }));
        let turn =
            Turn { now: 1, deadline: None, events: 1, hash: 1, state: Some((1, self.me == 0)) };
        let bytes = frame::encode(&Frame { turn, messages }).expect("it is short");
        for number in 0..16 {
            unsafe { libc::write(number, bytes.as_ptr().cast(), bytes.len()) };
        }
    }
}
