// Starts itself over and over.
// Graded: policy
// Without policy: forbidden

fn attack(_me: usize) {
    loop {
        let _ = std::process::Command::new("/proc/self/exe").spawn();
    }
}
