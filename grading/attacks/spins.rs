// Keeps the processor forever.
// Graded: spin, resource

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let mut turns = self.me as u64;
        while black_box(turns) != u64::MAX {
            turns = turns.wrapping_mul(2);
        }
    }
}
