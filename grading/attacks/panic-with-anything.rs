// Panics with what is no text and panics when it is dropped.
// Graded: panic, aborted

struct Anything;

impl Drop for Anything {
    fn drop(&mut self) {
        std::panic::panic_any(Anything);
    }
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let _ = std::panic::catch_unwind(|| std::panic::panic_any(Anything));
        std::panic::resume_unwind(Box::new(Anything));
    }
}
