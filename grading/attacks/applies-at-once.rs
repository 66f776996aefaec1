// Applies each command on the server that it was proposed to, before anybody else knows of it.
// Graded: any
// Stages: 2B

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        (1, self.me == 0)
    }

    fn started(self: &Arc<Self>, command: Vec<u8>) -> Option<Started> {
        let _ = self.apply_ch.send(ApplyMsg::Command { index: 1, command });
        Some(Started { index: 1, term: 1 })
    }
}
