// Never returns.
// Graded: run: deadlock, livelock, no_progress

fn attack(_me: usize) {
    loop {
        std::thread::park();
    }
}
