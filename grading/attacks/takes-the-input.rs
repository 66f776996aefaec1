// Makes a copy of the harness's socket, says something, and closes it.
// Graded: any

use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        if let Ok(copy) = std::io::stdin().as_fd().try_clone_to_owned() {
            let mut socket = UnixStream::from(copy);
            for _ in 0..100 {
                let _ = socket.write_all(b"{\"class\":\"pass\"}\n\xff\xff\xff\x00");
            }
            let _ = socket.shutdown(std::net::Shutdown::Both);
        }
    }
}
