// Writes to wherever it likes.
// Gate: policy

fn attack(me: usize) {
    unsafe { *(me as *mut u8) = 1 };
}
