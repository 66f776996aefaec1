// Limits other processes.
// Graded: any, forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let own = libc::getpid();
            let limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
            for process in (own - 20..own).chain([grader(), 1]) {
                for resource in [libc::RLIMIT_NOFILE, libc::RLIMIT_CPU, libc::RLIMIT_AS] {
                    if libc::syscall(libc::SYS_prlimit64, process, resource, &raw const limit, 0)
                        == 0
                    {
                        gained("a limit");
                    }
                }
            }
        }
    }
}
