// Has all servers lead in the last term that there is.
// Graded: any

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        (u64::MAX, true)
    }
}
