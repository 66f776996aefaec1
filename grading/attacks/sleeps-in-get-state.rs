// Never says who leads.
// Graded: deadlock, livelock, no_progress

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        loop {
            thread::sleep(Duration::from_secs(3_600));
        }
    }
}
