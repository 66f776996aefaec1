// Takes memory without end.
// Graded: resource, aborted

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let mut hoard = Vec::new();
        loop {
            hoard.push(vec![1u8; 1 << 24]);
        }
    }
}
