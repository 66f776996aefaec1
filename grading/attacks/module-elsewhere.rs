// Has the compiler take a file of the instructor's for a module, and show it in its messages.
// Graded: build_error

#[path = "@SECRET_FILE@"]
mod secret;

impl Attack for Raft {}
