// Brings the functions that the simulation brings: clocks, sleeps and threads.
// Graded: any, build_error
// Unsafe: allowed

#[unsafe(no_mangle)]
extern "C" fn clock_gettime(_: i32, time: *mut libc::timespec) -> i32 {
    unsafe { *time = libc::timespec { tv_sec: 1, tv_nsec: 0 } };
    0
}

#[unsafe(no_mangle)]
extern "C" fn nanosleep(_: *const libc::timespec, _: *mut libc::timespec) -> i32 {
    0
}

#[unsafe(no_mangle)]
extern "C" fn sched_yield() -> i32 {
    0
}

impl Attack for Raft {}
