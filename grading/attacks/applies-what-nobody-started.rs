// Applies commands that were never proposed, the same ones on all servers.
// Graded: any
// Stages: 2B

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for index in 1..=100u64 {
            let _ = self
                .apply_ch
                .send(ApplyMsg::Command { index, command: (index * 100).to_string().into_bytes() });
        }
    }

    fn state(&self) -> (u64, bool) {
        (1, self.me == 0)
    }

    fn started(self: &Arc<Self>, _command: Vec<u8>) -> Option<Started> {
        Some(Started { index: 1, term: 1 })
    }
}
