// Has a macro of the standard library bring the unsafe code.
// Graded: build_error

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        std::arch::asm!("syscall", in("rax") 231, in("rdi") 0);
    }
}
