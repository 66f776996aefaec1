//! How the system schedules processes that take turns.

/// Lets the calling thread, and the processes that it starts, wake others without giving way to them at once,
/// or ends that. Two processes that take turns then change places once for each turn: the one that has woken
/// the other runs on until it waits. If the system cannot do it, a turn takes longer, and that is all.
pub fn run_in_batches(on: bool) {
    #[cfg(target_os = "linux")]
    {
        let policy = if on { libc::SCHED_BATCH } else { libc::SCHED_OTHER };
        // SAFETY: it holds numbers, of which each C library has others, and 0 is valid for all.
        let parameters: libc::sched_param = unsafe { std::mem::zeroed() };
        // SAFETY: the parameters are read from a local; 0 stands for the calling thread.
        unsafe { libc::sched_setscheduler(0, policy, &raw const parameters) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = on;
}
