// Becomes its own program again, and a shell.
// Graded: forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let arguments = [c"lab".as_ptr(), c"__node".as_ptr(), std::ptr::null()];
            let none = [std::ptr::null::<libc::c_char>()];
            for number in 0..16 {
                libc::syscall(
                    libc::SYS_execveat,
                    number,
                    c"".as_ptr(),
                    arguments.as_ptr(),
                    none.as_ptr(),
                    libc::AT_EMPTY_PATH,
                );
            }
            libc::execve(c"/proc/self/exe".as_ptr(), arguments.as_ptr(), none.as_ptr());
            libc::execve(c"/bin/sh".as_ptr(), arguments.as_ptr(), none.as_ptr());
        }
    }
}
