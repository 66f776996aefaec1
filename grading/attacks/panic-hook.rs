// Has its panics end the process with success, and catches them.
// Graded: aborted, panic, no_progress

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let _ = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| std::process::exit(0)));
        let _ = std::panic::catch_unwind(|| panic!("now"));
    }
}
