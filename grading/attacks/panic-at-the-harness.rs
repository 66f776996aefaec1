// Makes a panic look as if the harness had panicked.
// Graded: panic

#[track_caller]
fn fail() {
    panic!("tests/src/harness/raft_cluster.rs:1:1: the harness is broken");
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        // Called by the standard library, which no submission has written.
        let _ = self.me.checked_add(0).map(|_| fail());
        Some(()).into_iter().for_each(|()| fail());
    }
}
