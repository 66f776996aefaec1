// Applies nothing, everything, and what lies beyond all indexes.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for index in [0, 1, 1, u64::MAX, u64::MAX - 1, 3, 2] {
            let _ = self.apply_ch.send(ApplyMsg::Command { index, command: vec![0xff; 1 << 10] });
            let _ = self.apply_ch.send(ApplyMsg::Snapshot {
                index,
                term: u64::MAX,
                data: vec![0xff; 1 << 10],
            });
        }
    }
}
