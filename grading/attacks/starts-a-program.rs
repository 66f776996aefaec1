// Starts a shell.
// Graded: run: forbidden

fn attack(_me: usize) {
    let _ = std::process::Command::new("/bin/sh").args(["-c", "echo harm > @HARM@"]).status();
}
