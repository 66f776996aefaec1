// Has the servers meet at a name that is no file.
// Graded: forbidden

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let address = SocketAddr::from_abstract_name("raft").expect("it is short");
        must_fail("a name", UnixListener::bind_addr(&address));
    }
}
