// Writes a verdict of its own to the socket that the process got as its input.
// Graded: run: tampered,forbidden,aborted

use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

fn attack(_me: usize) {
    let socket = std::io::stdin().as_fd().try_clone_to_owned().map(UnixStream::from);
    if let Ok(mut socket) = socket {
        let _ = socket.write_all(b"{\"key\":\"\",\"verdict\":{\"class\":\"pass\",\"summary\":null,\"expected\":\"\",\"seen\":\"\",\"details\":\"\",\"simulated\":null}}\n");
    }
    std::process::exit(0);
}
