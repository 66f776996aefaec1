// Writes to wherever it likes.
// Graded: build_error

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe { *(self.me as *mut u8) = 1 };
    }
}
