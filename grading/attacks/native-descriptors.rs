// Makes descriptors of every kind, and copies those that it has.
// Graded: any, forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let made = [
                libc::syscall(libc::SYS_eventfd2, 0, 0),
                libc::syscall(libc::SYS_timerfd_create, 0, 0),
                libc::syscall(libc::SYS_signalfd4, -1, [0u64; 1].as_ptr(), 8, 0),
                libc::syscall(libc::SYS_epoll_create1, 0),
                libc::syscall(libc::SYS_inotify_init1, 0),
                libc::syscall(libc::SYS_fanotify_init, 0, 0),
            ];
            if made.iter().any(|result| *result >= 0) {
                gained(format!("a descriptor: {made:?}"));
            }
            let (mut socket, mut pipe) = ([0; 2], [0; 2]);
            if libc::pipe2(pipe.as_mut_ptr(), 0) == 0
                || libc::socketpair(libc::AF_UNIX, libc::SOCK_STREAM, 0, socket.as_mut_ptr()) == 0
                || libc::socket(libc::AF_INET, libc::SOCK_DGRAM, 0) >= 0
                || libc::socket(libc::AF_NETLINK, libc::SOCK_RAW, 0) >= 0
                || libc::socket(40, libc::SOCK_STREAM, 0) >= 0
            {
                gained("a socket or a pipe");
            }
        }
    }
}
