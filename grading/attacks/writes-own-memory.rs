// Opens its own memory for writing, to change the harness in it.
// Graded: any

fn attack(_me: usize) {
    let opened = std::fs::OpenOptions::new().write(true).open("/proc/self/mem");
    println!("{opened:?}");
    assert!(opened.is_err(), "the memory is open");
}
