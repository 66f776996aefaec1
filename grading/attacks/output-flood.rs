// Prints without end.
// Graded: run: resource

fn attack(_me: usize) {
    loop {
        println!("{}", "x".repeat(1 << 16));
    }
}
