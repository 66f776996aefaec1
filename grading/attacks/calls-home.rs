// Connects to a server outside.
// Graded: forbidden

use std::io::Write;

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let mut stream = std::net::TcpStream::connect("127.0.0.1:@PORT@");
        must_fail("a connection", stream.and_then(|mut stream| stream.write_all(b"hello")));
    }
}
