// Starts itself over and over.
// Graded: forbidden

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        loop {
            must_fail("itself", std::process::Command::new("/proc/self/exe").arg("__node").spawn());
        }
    }
}
