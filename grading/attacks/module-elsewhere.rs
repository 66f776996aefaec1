// Has the compiler take a file of the instructor's for a module.
// Graded: build_error

#[path = "@SECRET_FILE@"]
mod secret;

fn attack(_me: usize) {}
