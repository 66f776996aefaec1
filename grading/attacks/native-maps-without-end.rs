// Maps more memory than there is, locks it, and uses it in pieces that nobody counts.
// Graded: resource, aborted, no_progress
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            libc::mlockall(libc::MCL_CURRENT | libc::MCL_FUTURE);
            loop {
                let size = 64 << 20;
                let memory = libc::mmap(
                    std::ptr::null_mut(),
                    size,
                    libc::PROT_READ | libc::PROT_WRITE,
                    libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                    -1,
                    0,
                );
                if memory == libc::MAP_FAILED {
                    libc::abort();
                }
                for page in (0..size).step_by(4096) {
                    *memory.cast::<u8>().add(page) = 1;
                }
            }
        }
    }
}
