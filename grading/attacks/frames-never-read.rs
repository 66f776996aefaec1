// Closes what it should read, sends what it can, and stays alive.
// Graded: any
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for number in 0..1024 {
            unsafe { libc::shutdown(number, libc::SHUT_RD) };
            unsafe { libc::close(number) };
        }
        loop {
            unsafe {
                libc::nanosleep(&libc::timespec { tv_sec: 3_600, tv_nsec: 0 }, std::ptr::null_mut())
            };
        }
    }
}
