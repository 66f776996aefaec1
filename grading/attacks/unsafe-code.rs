// Writes to wherever it likes.
// Graded: policy

fn attack(me: usize) {
    unsafe { *(me as *mut u8) = 1 };
}
