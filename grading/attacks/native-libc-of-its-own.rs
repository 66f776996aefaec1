// Brings functions of libc: what the harness writes, reads and asks for goes through them.
// Graded: any, build_error
// Unsafe: allowed

#[unsafe(no_mangle)]
extern "C" fn write(_: i32, _: *const u8, count: usize) -> isize {
    count as isize
}

#[unsafe(no_mangle)]
extern "C" fn writev(_: i32, _: *const libc::iovec, _: i32) -> isize {
    1
}

#[unsafe(no_mangle)]
extern "C" fn recv(_: i32, _: *mut u8, count: usize, _: i32) -> isize {
    count as isize
}

#[unsafe(no_mangle)]
extern "C" fn prctl(_: i32, _: u64, _: u64, _: u64, _: u64) -> i32 {
    0
}

impl Attack for Raft {}
