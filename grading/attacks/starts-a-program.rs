// Starts a shell.
// Graded: forbidden

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let mut command = std::process::Command::new("/bin/sh");
        must_fail("a shell", command.args(["-c", "echo harm > @HARM@/shell"]).status());
    }
}
