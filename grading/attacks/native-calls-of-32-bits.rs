// Forks by the system calls of 32-bit programs, whose numbers differ.
// Graded: forbidden, aborted
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let forked: i32;
        unsafe { std::arch::asm!("int 0x80", inlateout("eax") 2 => forked) };
        if forked >= 0 {
            gained("a fork");
        }
    }
}
