// Prints the grader's environment.
// Graded: any

fn attack(_me: usize) {
    for (name, value) in std::env::vars() {
        println!("{name}={value}");
    }
}
