// Sends descriptors of its own to whoever is at the other end of those that it has.
// Graded: any, forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            for number in 0..16 {
                let mut control = [0u64; 8];
                let mut byte = [7u8];
                let mut part = libc::iovec { iov_base: byte.as_mut_ptr().cast(), iov_len: 1 };
                let mut message: libc::msghdr = std::mem::zeroed();
                message.msg_iov = &mut part;
                message.msg_iovlen = 1;
                message.msg_control = control.as_mut_ptr().cast();
                message.msg_controllen = libc::CMSG_SPACE(4) as usize;
                let header = libc::CMSG_FIRSTHDR(&message);
                (*header).cmsg_level = libc::SOL_SOCKET;
                (*header).cmsg_type = libc::SCM_RIGHTS;
                (*header).cmsg_len = libc::CMSG_LEN(4) as usize;
                *libc::CMSG_DATA(header).cast::<i32>() = 1;
                if libc::sendmsg(number, &message, libc::MSG_NOSIGNAL) >= 0 {
                    gained("a descriptor was sent");
                }
            }
        }
    }
}
