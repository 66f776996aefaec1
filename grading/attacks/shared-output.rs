// Has all servers meet at the lock of the standard output.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let me = self.me;
        thread::spawn(move || {
            let _lock = std::io::stdout().lock();
            let _errors = std::io::stderr().lock();
            thread::sleep(Duration::from_secs(1_000_000));
        });
    }
}
