// Has servers and lives tell each other something by locks on the program that they all have open.
// Graded: any, forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            for number in 0..1024 {
                let mut lock: libc::flock = std::mem::zeroed();
                lock.l_type = libc::F_RDLCK as i16;
                lock.l_start = self.me as i64;
                lock.l_len = 1;
                let results = [
                    libc::fcntl(number, libc::F_SETLK, &raw mut lock),
                    libc::fcntl(number, 37, &raw mut lock),
                    libc::flock(number, libc::LOCK_SH | libc::LOCK_NB),
                    libc::fcntl(number, libc::F_SETLEASE, libc::F_RDLCK),
                    libc::fcntl(number, libc::F_NOTIFY, 0),
                    libc::fcntl(number, libc::F_SETOWN, libc::getppid()),
                ];
                if results.contains(&0) {
                    gained(format!("a lock on {number}: {results:?}"));
                }
            }
        }
    }
}
