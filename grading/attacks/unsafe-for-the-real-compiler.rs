// Shows unsafe code to the compiler and not to clippy, which is stopped.
// Graded: build_error

#[cfg(clippy)]
compile_error!("nothing to see");

#[cfg(not(clippy))]
#[unsafe(no_mangle)]
extern "C" fn write(_: i32, _: *const u8, count: usize) -> isize {
    count as isize
}

impl Attack for Raft {}
