// Waits for connections of other servers.
// Graded: forbidden

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        must_fail("a port", std::net::TcpListener::bind("127.0.0.1:0"));
    }
}
