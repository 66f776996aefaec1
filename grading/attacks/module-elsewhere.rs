// Has the compiler take a file of the instructor's for a module.
// Graded: policy

#[path = "@SECRET_FILE@"]
mod secret;

fn attack(_me: usize) {}
