// Prints the grader's environment.
// Graded: policy
// Without policy: any

fn attack(_me: usize) {
    for (name, value) in std::env::vars() {
        println!("{name}={value}");
    }
}
