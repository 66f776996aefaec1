// Prints one endless line of zeros to the error output, as the test goes on.
// Graded: resource, no_progress

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        thread::spawn(|| {
            loop {
                eprint!("{}", "\0".repeat(1 << 20));
                thread::sleep(Duration::from_millis(5));
            }
        });
    }
}
