// Brings a main and what calls it.
// Graded: any, build_error
// Unsafe: allowed

#[unsafe(no_mangle)]
extern "C" fn __libc_start_main() -> i32 {
    unsafe { libc::_exit(0) }
}

impl Attack for Raft {}
