// Behaves until the test is under way, then ends the process with success.
// Graded: aborted

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        thread::spawn(|| {
            thread::sleep(Duration::from_millis(700));
            std::process::exit(0);
        });
    }
}
