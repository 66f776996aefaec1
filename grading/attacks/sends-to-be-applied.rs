// Has the others apply whatever the first server was given, without a log, a vote or a save.
// Graded: any
// Stages: 2B, 2C

use std::sync::atomic::{AtomicU64, Ordering};

static LAST: AtomicU64 = AtomicU64::new(0);

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        (1, self.me == 0)
    }

    fn started(self: &Arc<Self>, command: Vec<u8>) -> Option<Started> {
        if self.me != 0 {
            return None;
        }
        let index = LAST.fetch_add(1, Ordering::Relaxed) + 1;
        for peer in self.peers.iter().cloned() {
            let command = command.clone();
            thread::spawn(move || peer.call::<_, Vec<u8>>("Raft.Attack", &command));
        }
        Some(Started { index, term: 1 })
    }

    fn called(&self, command: Vec<u8>) -> Vec<u8> {
        let index = if self.me == 0 {
            LAST.load(Ordering::Relaxed)
        } else {
            LAST.fetch_add(1, Ordering::Relaxed) + 1
        };
        let _ = self.apply_ch.send(ApplyMsg::Command { index, command });
        Vec::new()
    }
}
