// Leaves what it knows with the kernel: in rings of keys, programs and rings of requests.
// Graded: any, forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let results = [
                libc::syscall(
                    libc::SYS_add_key,
                    c"user".as_ptr(),
                    c"raft".as_ptr(),
                    c"1".as_ptr(),
                    1,
                    -3,
                ),
                libc::syscall(libc::SYS_keyctl, 0, -3, 1),
                libc::syscall(libc::SYS_bpf, 0, [0u64; 16].as_ptr(), 128),
                libc::syscall(libc::SYS_io_uring_setup, 8, [0u64; 16].as_ptr()),
                libc::syscall(libc::SYS_userfaultfd, 1),
                libc::syscall(libc::SYS_perf_event_open, [112u64 << 32; 16].as_ptr(), 0, -1, -1, 0),
                libc::syscall(libc::SYS_kcmp, libc::getpid(), libc::getppid(), 0, 0, 0),
            ];
            if results.iter().any(|result| *result >= 0) {
                gained(format!("{results:?}"));
            }
        }
    }
}
