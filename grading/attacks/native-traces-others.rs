// Traces other processes, and has itself traced.
// Graded: forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let own = libc::getpid();
            for process in (own - 20..own).chain([grader(), 1]) {
                if libc::ptrace(libc::PTRACE_ATTACH, process, 0, 0) == 0 {
                    gained("a process");
                }
            }
            libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0);
        }
    }
}
