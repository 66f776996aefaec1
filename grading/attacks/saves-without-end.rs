// Saves more than any disk can hold.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let persister = self.persister.clone();
        thread::spawn(move || {
            for size in 0.. {
                persister.save_state_and_snapshot(
                    vec![size as u8; size << 12],
                    vec![size as u8; size << 16],
                );
            }
        });
    }
}
