// Has the compiler evaluate a constant for very long.
// Graded: build_error

const LONG: u64 = {
    let mut turns: u64 = 0;
    while turns < u64::MAX {
        turns += 1;
    }
    turns
};

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        println!("{LONG}");
    }
}
