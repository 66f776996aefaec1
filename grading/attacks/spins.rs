// Keeps the processor forever.
// Graded: run: spin

fn attack(me: usize) {
    let mut turns = me as u64;
    while std::hint::black_box(turns) != u64::MAX {
        turns = turns.wrapping_mul(2);
    }
}
