// Opens other processes: their memory, their descriptors, and themselves.
// Graded: any, forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let own = libc::getpid();
            for process in (own - 20..own).chain([grader(), 1]) {
                for file in ["mem", "fd/0", "environ", "cwd", "ns/pid"] {
                    let path = std::ffi::CString::new(format!("/proc/{process}/{file}"))
                        .expect("it has no zero");
                    if libc::syscall(libc::SYS_open, path.as_ptr(), libc::O_RDWR) >= 0
                        || libc::syscall(
                            libc::SYS_openat,
                            libc::AT_FDCWD,
                            path.as_ptr(),
                            libc::O_RDONLY,
                        ) >= 0
                        || libc::syscall(437, libc::AT_FDCWD, path.as_ptr(), [0u64; 3].as_ptr(), 24)
                            >= 0
                    {
                        gained(path.to_string_lossy());
                    }
                }
            }
            if libc::syscall(libc::SYS_pidfd_open, libc::getppid(), 0) >= 0 {
                gained("a descriptor of a process");
            }
        }
    }
}
