// Catches, blocks and ignores all signals, and goes on after faults.
// Graded: any
// Unsafe: allowed

extern "C" fn go_on(_: i32) {
    unsafe { libc::_exit(0) };
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            for signal in 1..65 {
                libc::signal(signal, go_on as *const () as usize);
            }
            let all: libc::sigset_t = std::mem::transmute([u64::MAX; 16]);
            libc::sigprocmask(libc::SIG_BLOCK, &raw const all, std::ptr::null_mut());
            *(black_box(8usize) as *mut u8) = 1;
        }
    }
}
