// Makes a process that shares its memory.
// Graded: forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let flags = libc::CLONE_VM | libc::CLONE_FS | libc::CLONE_FILES | libc::SIGCHLD;
        if unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) } >= 0 {
            gained("a clone");
        }
    }
}
