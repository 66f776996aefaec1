// Has all servers agree through the threads that call them.
// Graded: any

thread_local! {
    static SEEN: std::cell::Cell<Option<usize>> = const { std::cell::Cell::new(None) };
}

impl Raft {
    fn see(&self) {
        if SEEN.replace(Some(self.me)).is_some_and(|other| other != self.me) {
            gained("another server was called by this thread");
        }
        // Whoever parks next does not sleep.
        thread::current().unpark();
    }
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        self.see();
    }

    fn state(&self) -> (u64, bool) {
        self.see();
        (1, SEEN.get() == Some(0))
    }
}
