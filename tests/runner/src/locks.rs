//! Which thread of a server holds the lock that others wait for. A simulation sees who waits for a lock, and not who
//! has it: often one thread alone can.

use sim::{Frame, ThreadReport};

/// What a thread waits for during an RPC.
const REPLY: &str = "waits for a reply";

/// How threads wait that have nothing to do.
const IDLE: [&str; 3] = [ThreadReport::SLEEP, ThreadReport::CONDITION, ThreadReport::CHANNEL];

/// The threads that handle requests and calls of the test, by their names.
const HANDLER: &str = "labrpc-worker";

/// What a thread is doing, as far as others depend on it. What tells most comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Activity {
    /// It is inside a call or a loop, or waits for another thread, and does not end that by itself.
    Busy,
    WantsLock,
    /// It waits for a reply, which a call always ends with.
    Calls,
    /// It waits for work.
    Idle,
}

/// Who may hold the lock that threads of a server wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder<'a> {
    /// No other thread does anything in which it could hold a lock.
    Probably(&'a ThreadReport),
    /// All threads that do anything wait for a lock themselves.
    OneOfThem,
}

/// What a thread waits for: what the simulation says, unless it is inside the network. `is_own` tells the frames of the
/// submission.
pub(crate) fn wait(thread: &ThreadReport, is_own: impl Fn(&Frame) -> bool) -> &str {
    let mut inner = thread.frames.iter().take_while(|frame| !is_own(frame));
    if inner.any(|frame| frame.file.contains("labrpc/src/")) { REPLY } else { &thread.waits }
}

/// What a thread does that waits for this.
pub(crate) fn activity(thread: &ThreadReport, wait: &str) -> Activity {
    match wait {
        ThreadReport::LOCK => Activity::WantsLock,
        REPLY => Activity::Calls,
        wait if IDLE.contains(&wait) && thread.name != HANDLER => Activity::Idle,
        _ => Activity::Busy,
    }
}

/// Who probably holds the lock that threads of a server wait for, if one can tell. The threads are all of that server's
/// that run the submission.
pub(crate) fn holder<'a>(threads: &[(Activity, &'a ThreadReport)]) -> Option<Holder<'a>> {
    let of = |wanted: Activity| -> Vec<&'a ThreadReport> {
        let like = threads.iter().filter(|(activity, _)| *activity == wanted);
        like.map(|(_, thread)| *thread).collect()
    };
    if of(Activity::WantsLock).is_empty() {
        return None;
    }
    match (of(Activity::Busy).as_slice(), of(Activity::Calls).as_slice()) {
        // A call ends within seconds, and this thread does not.
        ([busy], _) => Some(Holder::Probably(busy)),
        ([], [calls]) => Some(Holder::Probably(calls)),
        ([], []) => Some(Holder::OneOfThem),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LOCK: &str = ThreadReport::LOCK;

    fn thread(number: u64, name: &str) -> ThreadReport {
        ThreadReport {
            number,
            name: name.to_owned(),
            waits: String::new(),
            waited: Duration::ZERO,
            frames: Vec::new(),
        }
    }

    /// The number of the thread that probably holds the lock; 99 if it is one of those that wait.
    fn find(waits: &[&str]) -> Option<u64> {
        let threads: Vec<ThreadReport> = (0..).zip(waits).map(|(n, _)| thread(n, "")).collect();
        let active: Vec<(Activity, &ThreadReport)> = threads
            .iter()
            .zip(waits)
            .map(|(thread, wait)| (activity(thread, wait), thread))
            .collect();
        holder(&active).map(|holder| match holder {
            Holder::Probably(thread) => thread.number,
            Holder::OneOfThem => 99,
        })
    }

    #[test]
    fn the_only_thread_that_can_hold_the_lock_probably_does() {
        assert_eq!(find(&[LOCK, "sleeps", REPLY, LOCK]), Some(2));
        assert_eq!(find(&[LOCK, "waits to send on a channel", IDLE[2]]), Some(1));
        assert_eq!(find(&[REPLY, REPLY, "is parked", LOCK]), Some(2), "calls end by themselves");
    }

    #[test]
    fn among_several_nobody_is_accused() {
        assert_eq!(find(&[LOCK, REPLY, REPLY]), None);
        assert_eq!(find(&[LOCK, "is parked", "could run"]), None);
    }

    #[test]
    fn without_others_those_that_wait_hold_it_themselves() {
        assert_eq!(find(&[LOCK, LOCK, IDLE[0], IDLE[1]]), Some(99));
    }

    #[test]
    fn a_lock_that_nobody_wants_does_not_matter() {
        assert_eq!(find(&[REPLY, IDLE[0]]), None);
    }

    #[test]
    fn a_handler_that_waits_on_a_channel_is_not_idle() {
        assert_eq!(activity(&thread(0, HANDLER), IDLE[2]), Activity::Busy);
        assert_eq!(activity(&thread(0, "mine"), IDLE[2]), Activity::Idle);
    }
}
