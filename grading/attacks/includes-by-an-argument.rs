// Has the compiler read a file, with the macro handed over as an argument of another.
// Graded: build_error

macro_rules! call {
    ($name:ident, $path:literal) => {
        $name!($path)
    };
}

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        gained(call!(include_str, "@SECRET_FILE@"));
    }
}
