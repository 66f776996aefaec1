// Never lets itself be killed.
// Graded: any
// Stages: 2A, 2B

impl Attack for Raft {
    fn killed(&self) {
        loop {
            thread::park();
        }
    }
}
