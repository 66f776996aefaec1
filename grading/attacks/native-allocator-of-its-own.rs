// Brings the functions by which Rust takes memory, and one that the isolation brings.
// Graded: any, build_error
// Unsafe: allowed

#[unsafe(no_mangle)]
extern "C" fn malloc(_: usize) -> *mut u8 {
    std::ptr::null_mut()
}

#[unsafe(no_mangle)]
extern "C" fn posix_memalign(_: *mut *mut u8, _: usize, _: usize) -> i32 {
    12
}

impl Attack for Raft {}
