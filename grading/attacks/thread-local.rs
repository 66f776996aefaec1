// Keeps what outlives a call in a thread.
// Graded: any

std::thread_local! {
    static KEPT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

fn attack(me: usize) {
    KEPT.set(me);
}
