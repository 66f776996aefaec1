// Leaves timers for the next life.
// Graded: any, forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let soon = libc::timeval { tv_sec: 0, tv_usec: 1_000 };
            let timer = libc::itimerval { it_interval: soon, it_value: soon };
            libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut());
            let mut own: libc::timer_t = std::ptr::null_mut();
            libc::timer_create(libc::CLOCK_REALTIME, std::ptr::null_mut(), &raw mut own);
            libc::alarm(1);
        }
    }
}
