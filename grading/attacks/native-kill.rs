// Kills other processes: its parent, those around it, and all.
// Graded: forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let own = libc::getpid();
            for process in [libc::getppid(), own - 1, own + 1, grader(), -1, 0, 1] {
                if libc::kill(process, libc::SIGKILL) == 0 {
                    gained("a signal");
                }
            }
        }
    }
}
