// Says that every command is at the last index that there is.
// Graded: any
// Stages: 2B

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        (u64::MAX, true)
    }

    fn started(self: &Arc<Self>, command: Vec<u8>) -> Option<Started> {
        Some(Started { index: u64::MAX, term: u64::MAX })
    }
}
