// Starts threads without end.
// Graded: run: resource, aborted, panic

fn attack(_me: usize) {
    loop {
        std::thread::spawn(|| std::thread::sleep(std::time::Duration::from_secs(1_000_000)));
    }
}
