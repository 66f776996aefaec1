// Has the compiler read a file, with the macro under another name.
// Graded: build_error

use std::include_bytes as picture;

fn attack(_me: usize) {
    println!("{:?}", picture!("@SECRET_FILE@"));
}
