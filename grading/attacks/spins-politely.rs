// Keeps the processor forever, and yields it now and then.
// Graded: spin, resource, livelock, no_progress, deadlock

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        loop {
            (0..black_box(1_000)).for_each(|turn| drop(black_box(turn)));
            thread::yield_now();
        }
    }
}
