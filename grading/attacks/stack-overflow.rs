// Calls itself without end.
// Graded: aborted

fn deeper(level: u64) -> u64 {
    if level == u64::MAX { 0 } else { black_box(deeper(level + 1)) + 1 }
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        println!("{}", deeper(black_box(0)));
    }
}
