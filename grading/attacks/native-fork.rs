// Forks.
// Graded: forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        if unsafe { libc::fork() } >= 0 {
            gained("a fork");
        }
    }
}
