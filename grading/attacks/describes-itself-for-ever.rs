// Its messages can be sent, but the first to be described for a recording panics, and the next never ends.
// Graded: any

use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Serialize, Serializer};

/// How often a message was written a second time.
static DESCRIBED: AtomicU32 = AtomicU32::new(0);

/// How often it was written, and its number: only messages with different bytes are described.
struct Message(AtomicU32, u32);

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fetch_add(1, Ordering::Relaxed) > 0 {
            match DESCRIBED.fetch_add(1, Ordering::Relaxed) {
                0 => panic!("described"),
                _ => loop {
                    black_box(&self.0);
                },
            }
        }
        serializer.serialize_u32(self.1)
    }
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for (_, peer) in self.others() {
            let peer = peer.clone();
            thread::spawn(move || {
                for number in 0.. {
                    let message = Message(AtomicU32::new(0), number);
                    let _: Option<Vec<u8>> = peer.call("Raft.Attack", &message);
                    thread::sleep(Duration::from_millis(100));
                }
            });
        }
    }
}
