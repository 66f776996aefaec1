// Has the compiler write gigabytes.
// Graded: build_error

const HUGE: [u8; 1 << 33] = [1; 1 << 33];

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        println!("{}", HUGE[self.me]);
    }
}
