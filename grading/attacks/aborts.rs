// Aborts, in a call and on a thread of its own.
// Graded: aborted

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        std::process::abort();
    }
}
