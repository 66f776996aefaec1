// Makes pipes and pairs of sockets.
// Graded: forbidden, any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        must_fail("a pipe", std::io::pipe());
        must_fail("a pair", std::os::unix::net::UnixStream::pair());
    }
}
