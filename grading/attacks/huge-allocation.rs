// Asks for more memory than there is, and for more than there can be.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let mut hoard: Vec<u8> = Vec::new();
        for size in [1usize << 40, 1 << 46, usize::MAX >> 1] {
            must_fail("memory that is not there", hoard.try_reserve(size));
        }
    }
}
