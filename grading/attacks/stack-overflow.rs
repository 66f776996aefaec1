// Calls itself without end.
// Graded: run: aborted

fn deeper(level: u64) -> u64 {
    if level == u64::MAX { 0 } else { std::hint::black_box(deeper(level + 1)) + 1 }
}

fn attack(_me: usize) {
    println!("{}", deeper(std::hint::black_box(0)));
}
