// Has the compiler read a file of the instructor's.
// Graded: build_error

const SECRET: &str = include_str!("@SECRET_FILE@");

fn attack(_me: usize) {
    println!("{SECRET}");
}
