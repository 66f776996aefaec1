// Hands over snapshots that nobody has taken, and that hold more than there can be.
// Graded: any
// Stages: 2D

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let mut forged = vec![253];
        forged.extend(u64::MAX.to_le_bytes());
        for data in [forged, vec![0; 1 << 20], Vec::new()] {
            let _ = self.apply_ch.send(ApplyMsg::Snapshot { index: 9, term: 1, data });
        }
    }

    fn state(&self) -> (u64, bool) {
        (1, self.me == 0)
    }

    fn started(self: &Arc<Self>, _command: Vec<u8>) -> Option<Started> {
        Some(Started { index: 10, term: 1 })
    }
}
