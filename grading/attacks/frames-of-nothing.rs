// Sends frames without messages, without end.
// Graded: any
// Unsafe: allowed

use protocol::{Frame, FromNode, Turn, frame};

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let bytes = frame::encode(&Frame::<FromNode> { turn: Turn::default(), messages: vec![] })
            .expect("it is short");
        let many = bytes.repeat(1_000);
        for number in 0..16 {
            for _ in 0..1_000 {
                unsafe { libc::write(number, many.as_ptr().cast(), many.len()) };
            }
        }
        loop {
            unsafe { libc::write(3, many.as_ptr().cast(), many.len()) };
            unsafe { libc::write(4, many.as_ptr().cast(), many.len()) };
        }
    }
}
