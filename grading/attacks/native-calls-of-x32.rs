// Forks by the system calls of x32 programs.
// Graded: forbidden, aborted
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        if unsafe { libc::syscall(0x4000_0000 | libc::SYS_fork) } >= 0 {
            gained("a fork");
        }
    }
}
