// Starts a program that is to outlive the test.
// Graded: forbidden

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        must_fail("a daemon", std::process::Command::new("/bin/sleep").arg("31415926").spawn());
    }
}
