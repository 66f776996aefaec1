// Brings the functions by which a confined process finds its own program.
// Graded: any, build_error
// Unsafe: allowed

#[unsafe(no_mangle)]
extern "C" fn open64(_: *const u8, _: i32, _: u32) -> i32 {
    0
}

#[unsafe(no_mangle)]
extern "C" fn readlink(_: *const u8, _: *mut u8, _: usize) -> isize {
    -1
}

impl Attack for Raft {}
