// Writes over all that it can find of its own process: code, stacks, and what the harness has there.
// Graded: any
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        let local = 0u64;
        let places = [
            &raw const local as usize,
            Raft::make as *const () as usize,
            self.peers.as_ptr() as usize,
        ];
        for place in places {
            unsafe {
                libc::mprotect(
                    (place & !4095) as *mut _,
                    4096,
                    libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC,
                );
                std::ptr::write_bytes((place & !4095) as *mut u8, 0xc3, 4096);
            }
        }
    }
}
