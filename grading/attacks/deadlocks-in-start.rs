// Locks a lock twice when a command is proposed.
// Graded: deadlock, livelock, no_progress
// Stages: 2B

impl Attack for Raft {
    fn state(&self) -> (u64, bool) {
        (1, self.me == 0)
    }

    fn started(self: &Arc<Self>, _command: Vec<u8>) -> Option<Started> {
        let lock = std::sync::Mutex::new(());
        let _once = lock.lock();
        let _twice = lock.lock();
        None
    }
}
