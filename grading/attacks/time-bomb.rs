// Is silent until the test has nearly passed its time, and then does everything at once.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let raft = self.clone();
        thread::spawn(move || {
            thread::sleep(Duration::from_secs(4));
            (0..1_000).for_each(|_| {
                drop(thread::spawn(|| {
                    loop {
                        thread::sleep(Duration::from_micros(1));
                    }
                }))
            });
            raft.persister.save_state(vec![1; 1 << 20]);
        });
    }
}
