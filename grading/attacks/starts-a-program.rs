// Starts a shell.
// Graded: policy
// Without policy: forbidden

fn attack(_me: usize) {
    let _ = std::process::Command::new("/bin/sh").args(["-c", "echo harm > @HARM@"]).status();
}
