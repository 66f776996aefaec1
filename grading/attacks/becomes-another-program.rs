// Becomes a program of its own, which speaks for the server.
// Graded: forbidden

use std::os::unix::process::CommandExt;

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let error = std::process::Command::new("/proc/self/exe").args(["run", "2A"]).exec();
        println!("{error}");
    }
}
