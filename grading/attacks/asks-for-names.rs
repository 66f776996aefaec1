// Asks for the address of a host, and sends what it knows in its name.
// Graded: forbidden, any

use std::net::ToSocketAddrs;

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        must_fail("an address", "seed-17.example.org:80".to_socket_addrs());
        must_fail(
            "a datagram",
            std::net::UdpSocket::bind("127.0.0.1:0")
                .and_then(|socket| socket.send_to(b"x", "127.0.0.1:@PORT@")),
        );
    }
}
