// Has a macro double its text until the compiler runs out of memory.
// Graded: build_error

macro_rules! double {
    ($($text:tt)*) => { double!($($text)* $($text)*) };
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        double!(1 + 1 +);
    }
}
