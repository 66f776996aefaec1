// Announces the longest frame that there is, one that is longer, and sends it.
// Graded: any
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let bytes = vec![7u8; 1 << 20];
        for length in [u32::MAX, 32 << 20, 1 << 31] {
            for number in 0..16 {
                unsafe { libc::write(number, length.to_le_bytes().as_ptr().cast(), 4) };
                for _ in 0..64 {
                    unsafe { libc::write(number, bytes.as_ptr().cast(), bytes.len()) };
                }
            }
        }
    }
}
