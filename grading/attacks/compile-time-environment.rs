// Has the compiler put the grader's environment into the program.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let found = [
            option_env!("HOME"),
            option_env!("USER"),
            option_env!("SSH_AUTH_SOCK"),
            option_env!("RUSTC_WRAPPER"),
        ];
        if let Some(value) = found.into_iter().flatten().next() {
            gained(value);
        }
    }
}
