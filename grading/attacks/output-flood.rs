// Prints without end.
// Graded: resource

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        loop {
            println!("{}", "x".repeat(1 << 16));
        }
    }
}
