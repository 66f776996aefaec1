// Uses much of the processor in each call, and returns each time.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for (_, peer) in self.others() {
            let peer = peer.clone();
            thread::spawn(move || {
                loop {
                    let _: Option<Vec<u8>> = peer.call("Raft.Attack", &vec![1u8]);
                    thread::sleep(Duration::from_millis(1));
                }
            });
        }
    }

    fn called(&self, message: Vec<u8>) -> Vec<u8> {
        (0..black_box(100_000_000u64)).for_each(|turn| drop(black_box(turn)));
        message
    }

    fn state(&self) -> (u64, bool) {
        (0..black_box(100_000_000u64)).for_each(|turn| drop(black_box(turn)));
        (0, false)
    }
}
