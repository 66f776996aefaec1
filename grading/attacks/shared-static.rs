// Has all servers agree through a static: who comes first leads.
// Graded: any

static LEADER: std::sync::OnceLock<usize> = std::sync::OnceLock::new();

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        if *LEADER.get_or_init(|| self.me) != self.me {
            gained("another server was here");
        }
    }

    fn state(&self) -> (u64, bool) {
        (1, LEADER.get() == Some(&self.me))
    }
}
