// Takes memory little by little, as the test goes on.
// Graded: resource, aborted, no_progress

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        thread::spawn(|| {
            let mut hoard = Vec::new();
            loop {
                hoard.push(vec![1u8; 1 << 20]);
                thread::sleep(Duration::from_millis(2));
            }
        });
    }
}
