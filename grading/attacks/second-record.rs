// Sends a verdict of its own, and lets the test go on and send its own as well.
// Graded: any

use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

fn attack(_me: usize) {
    if let Ok(copy) = std::io::stdin().as_fd().try_clone_to_owned() {
        let _ = UnixStream::from(copy).write_all(b"{}\n");
    }
}
