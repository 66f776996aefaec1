// Starts itself over and over.
// Graded: run: forbidden

fn attack(_me: usize) {
    loop {
        let _ = std::process::Command::new("/proc/self/exe").spawn();
    }
}
