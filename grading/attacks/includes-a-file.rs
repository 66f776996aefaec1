// Has the compiler read a file of the instructor's.
// Graded: build_error

const SECRET: &str = include_str!("@SECRET_FILE@");

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        gained(SECRET);
    }
}
