// Has the compiler put the grader's environment into the program.
// Graded: build_error

fn attack(_me: usize) {
    println!("{:?}", option_env!("LAB_PLANTED_SECRET"));
}
