// Starts a program that is to outlive the test.
// Graded: run: forbidden

fn attack(_me: usize) {
    let _ = std::process::Command::new("/bin/sleep").arg("31415926").spawn();
}
