// Never lets the server be dropped.
// Graded: any

impl Drop for Raft {
    fn drop(&mut self) {
        loop {
            thread::park();
        }
    }
}

impl Attack for Raft {}
