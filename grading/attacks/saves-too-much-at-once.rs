// Saves more than one message can hold.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        self.persister.save_state(vec![1; 100 << 20]);
    }
}
