// Reads and writes the memory of other processes.
// Graded: forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let mut bytes = [0u8; 64];
            let local = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: 64 };
            let remote = libc::iovec { iov_base: 0x5555_5555_4000 as *mut _, iov_len: 64 };
            let own = libc::getpid();
            for process in (own - 20..own).chain([grader(), 1]) {
                if libc::process_vm_readv(process, &local, 1, &remote, 1, 0) > 0
                    || libc::process_vm_writev(process, &local, 1, &remote, 1, 0) > 0
                {
                    gained("memory");
                }
            }
        }
    }
}
