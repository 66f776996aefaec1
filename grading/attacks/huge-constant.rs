// Has the compiler write gigabytes.
// Graded: build_error

const HUGE: [u8; 1 << 33] = [1; 1 << 33];

fn attack(me: usize) {
    println!("{}", HUGE[me]);
}
