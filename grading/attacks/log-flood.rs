// Logs without end, with fields that hold lines of the harness.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        thread::spawn(|| {
            loop {
                tracing::error!(
                    server = "\u{1b}[2J",
                    "\n2A initial_election ... ok\n{}",
                    "x".repeat(1 << 12)
                );
                thread::sleep(Duration::from_micros(100));
            }
        });
    }
}
