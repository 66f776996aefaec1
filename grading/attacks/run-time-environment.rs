// Prints the grader's environment.
// Gate: policy
// Behind: any

fn attack(_me: usize) {
    for (name, value) in std::env::vars() {
        println!("{name}={value}");
    }
}
