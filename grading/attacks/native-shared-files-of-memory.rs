// Makes memory that other processes could map.
// Graded: any, forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let memory = libc::mmap(
                std::ptr::null_mut(),
                4096,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            );
            if memory != libc::MAP_FAILED {
                gained("shared memory");
            }
            for number in 0..1024 {
                let memory = libc::mmap(
                    std::ptr::null_mut(),
                    4096,
                    libc::PROT_READ | libc::PROT_WRITE,
                    libc::MAP_SHARED,
                    number,
                    0,
                );
                if memory != libc::MAP_FAILED {
                    gained("shared memory of a file");
                }
            }
            if libc::shm_open(c"/raft".as_ptr(), libc::O_RDWR | libc::O_CREAT, 0o600) >= 0
                || libc::syscall(libc::SYS_memfd_create, c"raft".as_ptr(), 0) >= 0
                || libc::syscall(447, 0) >= 0
            {
                gained("a file of memory");
            }
        }
    }
}
