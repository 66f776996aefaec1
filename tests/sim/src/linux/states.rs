//! What a thread can be doing, and what the scheduler can decide.

/// How a thread is interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// Other threads that can run may run first.
    LetOthersRun,
    /// It continues at this time, in nanoseconds since the simulation began.
    Pause { until: u64 },
}

/// What the scheduler decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// This thread gets the token.
    Run(Slot),
    /// A guest has nothing to do before this deadline, unless it gets news.
    HandOver { deadline: Option<u64> },
}

/// The index of a thread in the world. Slots of threads that have been removed are used again.
pub(crate) type Slot = usize;

/// What a thread waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// A wake-up at this address.
    Futex(usize),
    /// The passing of time.
    Sleep,
    /// The end of a pause that the thread did not ask for.
    Pause,
    /// The end of the thread in this slot.
    Join(Slot),
    /// News from the host.
    News,
    /// The end of a guest's turn.
    EndOfTurn,
}

/// Why a wait has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// What it waited for has happened.
    Event,
    /// Its deadline has come.
    Deadline,
}

/// Whether a thread can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunState {
    /// It holds the token, or can be given it. Its last wait has ended for this reason.
    Ready(Woken),
    Blocked {
        wait: Wait,
        since: u64,
        /// Distinguishes this wait from earlier ones of the same thread.
        ticket: u64,
    },
    Ended,
}
