// Always wants to go on at once, so that time never passes.
// Graded: any
// Unsafe: allowed

use protocol::{Frame, FromNode, Turn, frame};

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let bytes = frame::encode(&Frame::<FromNode> {
            turn: Turn {
                now: 0,
                deadline: Some(0),
                events: 0,
                hash: 0,
                state: Some((u64::MAX, true)),
            },
            messages: vec![],
        })
        .expect("it is short");
        let mut rest = [0u8; 4096];
        loop {
            for number in 3..6 {
                unsafe {
                    libc::write(number, bytes.as_ptr().cast(), bytes.len());
                    libc::recv(number, rest.as_mut_ptr().cast(), rest.len(), libc::MSG_DONTWAIT);
                    libc::read(0, rest.as_mut_ptr().cast(), 0);
                }
            }
        }
    }
}
