// Prints the grader's environment and its arguments.
// Graded: any

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        for (name, value) in std::env::vars() {
            println!("{name}={value}");
            if name != "RUST_LOG" && !name.starts_with("RUST_BACKTRACE") {
                gained(name);
            }
        }
        println!(
            "{:?} {:?} {:?}",
            std::env::args(),
            std::env::current_dir(),
            std::env::current_exe()
        );
        if std::env::args().any(|argument| argument.contains("seed") || argument.contains("0x")) {
            gained("the arguments");
        }
    }
}
