// Says again and again that it has panicked or stalled, in megabytes of what terminals obey, and goes on.
// Graded: any
// Unsafe: allowed

use protocol::{Frame, FromNode, Panicked, Turn, frame};

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let text = "\u{1b}[2J</pre><script>\r\n".repeat(1 << 18);
        let panicked = Panicked {
            message: text.clone(),
            place: "tests/src/suites/raft_2a.rs:1:1".to_owned(),
            thread: text,
        };
        let turn =
            Turn { now: 1, deadline: None, events: 1, hash: 1, state: Some((1, self.me == 0)) };
        let messages = vec![FromNode::Panicked(panicked), FromNode::Started];
        let bytes = frame::encode(&Frame { turn, messages }).expect("it is short enough");
        for number in 0..16 {
            unsafe { libc::write(number, bytes.as_ptr().cast(), bytes.len()) };
        }
    }
}
