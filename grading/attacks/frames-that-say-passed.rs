// Writes verdicts and frames to every descriptor that there can be.
// Graded: any
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let verdict = b"{\"class\":\"pass\",\"verdict\":{\"class\":\"pass\",\"summary\":null}}\n";
        for number in 0..1024 {
            unsafe { libc::write(number, verdict.as_ptr().cast(), verdict.len()) };
        }
    }
}
