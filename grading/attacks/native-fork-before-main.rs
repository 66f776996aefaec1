// Forks before main, before the process could confine itself.
// Graded: forbidden, aborted
// Unsafe: allowed

#[unsafe(link_section = ".init_array")]
#[used]
static EARLY: extern "C" fn() = early;

extern "C" fn early() {
    unsafe {
        if libc::syscall(libc::SYS_fork) >= 0 {
            libc::write(1, c"@GAIN@".as_ptr().cast(), c"@GAIN@".count_bytes());
            libc::abort();
        }
    }
}

impl Attack for Raft {}
