// Makes a process, a new user and a new group of processes, by the call that no filter can look into.
// Graded: any
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let mut arguments = [0u64; 11];
        for flags in [0, libc::CLONE_NEWUSER, libc::CLONE_NEWPID, libc::CLONE_PARENT] {
            arguments[0] = flags as u64;
            arguments[4] = libc::SIGCHLD as u64;
            if unsafe { libc::syscall(libc::SYS_clone3, &raw mut arguments, 88) } >= 0 {
                gained("a clone");
            }
        }
    }
}
