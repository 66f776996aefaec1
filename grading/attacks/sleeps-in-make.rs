// Never starts.
// Graded: deadlock, livelock, no_progress

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        loop {
            thread::park();
        }
    }
}
