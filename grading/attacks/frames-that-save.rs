// Saves by forged patches: longer than any disk, and with changes that lie outside.
// Graded: any
// Unsafe: allowed

use protocol::{Frame, FromNode, Patch, Turn, frame};

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let turn =
            Turn { now: 1, deadline: None, events: 1, hash: 1, state: Some((1, self.me == 0)) };
        let state = Patch::between(&[], &[7; 100]);
        let message = FromNode::Save { state, snapshot: Some(vec![7; 1 << 20]) };
        let good = frame::encode(&Frame { turn, messages: vec![message] }).expect("it is short");
        // The length of the result follows the head, the turn, the count and the kind.
        for (place, value) in [(10, 253), (11, 253), (12, 252), (13, 251)] {
            let mut bytes = good.clone();
            bytes[place] = value;
            for number in 0..16 {
                unsafe { libc::write(number, bytes.as_ptr().cast(), bytes.len()) };
            }
        }
    }
}
