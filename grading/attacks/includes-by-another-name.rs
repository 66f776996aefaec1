// Has the compiler read a file, with the macro under another name and hidden from clippy.
// Graded: build_error

#[cfg(not(clippy))]
use std::include_bytes as picture;

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        gained(String::from_utf8_lossy(picture!("@SECRET_FILE@")));
    }
}
