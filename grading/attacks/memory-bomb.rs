// Takes memory without end.
// Graded: run: resource, aborted

fn attack(_me: usize) {
    let mut hoard = Vec::new();
    loop {
        hoard.push(vec![1u8; 1 << 24]);
    }
}
