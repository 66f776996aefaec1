// Leaves its name where others might read it, and takes the parent for a child.
// Graded: any, forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            libc::prctl(libc::PR_SET_NAME, c"leader-1".as_ptr());
            let results = [
                libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1),
                libc::prctl(libc::PR_SET_DUMPABLE, 1),
                libc::prctl(libc::PR_SET_PDEATHSIG, 0),
                libc::prctl(libc::PR_SET_PTRACER, -1i64),
                libc::sethostname(c"raft".as_ptr(), 4),
                libc::setuid(0),
                libc::setgid(0),
                libc::setsid(),
                libc::setpgid(0, 0),
                libc::chdir(c"/".as_ptr()),
                libc::chroot(c"/".as_ptr()),
                libc::unshare(libc::CLONE_NEWUSER),
            ];
            if results.iter().any(|result| *result >= 0) {
                gained(format!("{results:?}"));
            }
        }
    }
}
