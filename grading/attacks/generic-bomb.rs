// Has the compiler make a new type from each type.
// Graded: build_error

fn grow<T: Clone>(value: T, level: u64) -> u64 {
    if level == 0 { 0 } else { grow((value.clone(), value), black_box(level - 1)) }
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        println!("{}", grow(0u8, 3));
    }
}
