// Has the compiler evaluate a constant without end, and allows it to.
// Graded: build_error

#[allow(long_running_const_eval)]
const NEVER: u64 = {
    let mut turns: u64 = 0;
    while turns < u64::MAX {
        turns += 1;
    }
    turns
};

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        println!("{NEVER}");
    }
}
