// Starts threads that start threads and end.
// Graded: any

fn next() {
    thread::spawn(next);
    thread::sleep(Duration::from_millis(1));
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        (0..100).for_each(|_| next());
    }
}
