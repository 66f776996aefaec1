// Has a macro double its text until the compiler runs out of memory.
// Graded: build_error

macro_rules! double {
    ($($text:tt)*) => { double!($($text)* $($text)*) };
}

fn attack(_me: usize) {
    double!(1 + 1 +);
}
