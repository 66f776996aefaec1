// Runs before main, and ends the process with success.
// Graded: aborted, tampered
// Unsafe: allowed

#[unsafe(link_section = ".init_array")]
#[used]
static EARLY: extern "C" fn() = early;

extern "C" fn early() {
    unsafe {
        libc::write(1, c"all passed".as_ptr().cast(), 10);
        libc::_exit(0);
    }
}

impl Attack for Raft {}
