// Sends signals to the threads of other processes.
// Graded: forbidden, any
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let own = libc::getpid();
            for process in (own - 20..own).chain([grader(), 1]) {
                for signal in [libc::SIGKILL, libc::SIGSTOP, libc::SIGUSR1] {
                    if libc::syscall(libc::SYS_tgkill, process, process, signal) == 0 {
                        gained("a signal");
                    }
                }
            }
        }
    }
}
