// Meets other servers in memory, queues and semaphores of the old kind.
// Graded: any, forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let results = [
                libc::shmget(0x7a57, 4096, libc::IPC_CREAT | 0o600),
                libc::semget(0x7a57, 1, libc::IPC_CREAT | 0o600),
                libc::msgget(0x7a57, libc::IPC_CREAT | 0o600),
            ];
            if results.iter().any(|result| *result >= 0) {
                gained("an object of System V");
            }
            if libc::mq_open(c"/raft".as_ptr(), libc::O_RDWR | libc::O_CREAT, 0o600, 0) >= 0 {
                gained("a queue of messages");
            }
        }
    }
}
