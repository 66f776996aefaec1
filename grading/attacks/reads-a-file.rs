// Prints a file of the instructor's.
// Graded: any

fn attack(_me: usize) {
    println!("{:?}", std::fs::read_to_string("@SECRET_FILE@"));
}
