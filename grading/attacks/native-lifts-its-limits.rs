// Lifts its limits and the filter of its system calls.
// Graded: any, forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let most =
                libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
            for resource in [
                libc::RLIMIT_CPU,
                libc::RLIMIT_DATA,
                libc::RLIMIT_NOFILE,
                libc::RLIMIT_FSIZE,
                libc::RLIMIT_CORE,
            ] {
                if libc::setrlimit(resource, &raw const most) == 0 {
                    gained(format!("limit {resource}"));
                }
            }
            let results = [
                libc::prctl(libc::PR_SET_SECCOMP, 0),
                libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 0),
                libc::syscall(libc::SYS_personality, 0x0040000) as i32,
                libc::syscall(libc::SYS_acct, 0) as i32,
            ];
            if results.contains(&0) {
                gained(format!("{results:?}"));
            }
        }
    }
}
