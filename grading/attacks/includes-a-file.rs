// Has the compiler read a file of the instructor's.
// Graded: policy

const SECRET: &str = include_str!("@SECRET_FILE@");

fn attack(_me: usize) {
    println!("{SECRET}");
}
