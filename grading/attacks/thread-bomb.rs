// Starts threads without end.
// Graded: resource, aborted, panic

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        loop {
            thread::spawn(|| thread::sleep(Duration::from_secs(1_000_000)));
        }
    }
}
