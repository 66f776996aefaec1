// Begins a frame and does not end it.
// Graded: any
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for number in 0..16 {
            unsafe { libc::write(number, [0, 1, 0, 0, 7].as_ptr().cast(), 5) };
        }
        loop {
            thread::sleep(Duration::from_secs(3_600));
        }
    }
}
