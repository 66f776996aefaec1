// Writes to wherever it likes.
// Graded: build_error

fn attack(me: usize) {
    unsafe { *(me as *mut u8) = 1 };
}
