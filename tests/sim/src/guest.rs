//! A simulation within a larger one: a *guest*. Its host owns the time.

/// What owns the time of a guest, and takes what it sends.
pub trait Host: Send {
    /// The guest gives its turn away: all its threads wait, or it has run for long. Returns when it is the
    /// guest's turn again. Called outside of the simulation, on the stack of any simulated thread; it must
    /// not take a lock that a simulated thread may hold, except within [`uninterrupted`](crate::uninterrupted).
    fn hand_over(&mut self, pause: Pause) -> Resumed;
}

/// Where a guest stands when it gives its turn away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// The virtual time in nanoseconds.
    pub now: u64,
    /// When the guest must go on at the latest. `None` if only news can wake one of its threads.
    pub deadline: Option<u64>,
    /// The number of events so far.
    pub events: u64,
    /// A hash of all these events.
    pub hash: u64,
}

/// How the turn comes back to a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resumed {
    /// The virtual time in nanoseconds; an earlier time than the guest's counts as the guest's.
    pub now: u64,
    /// Whether there is something for a thread that waits in [`await_news`](crate::await_news).
    pub has_news: bool,
}
