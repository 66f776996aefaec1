// Prints a file of the instructor's.
// Gate: policy
// Behind: any

fn attack(_me: usize) {
    println!("{:?}", std::fs::read_to_string("@SECRET_FILE@"));
}
