// Ends the process through a pointer to the function, under another name.
// Graded: run: aborted

use std::process::exit as goodbye;

fn attack(_me: usize) {
    let end: fn(i32) -> ! = goodbye;
    end(0);
}
