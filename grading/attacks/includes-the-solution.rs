// Has the compiler look for the instructor's tree, the solution and the seeds in it.
// Graded: build_error

const SOLUTION: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../../raft/src/raft/log.rs"));

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        gained(SOLUTION);
    }
}
