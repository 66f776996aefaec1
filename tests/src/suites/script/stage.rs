//! The script itself: what a scene waits for.

use std::ops::Deref;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use protocol::Term;

use super::chance::Chance;
use super::messages::Messages;
use super::traffic::Traffic;
use crate::harness::{RaftCluster, WaitBegun};
use crate::runner::{Class, Failure, fail};
use crate::suites::expect::happens;

/// How often a scene looks whether its next step is due.
const POLL: Duration = Duration::from_millis(1);

/// How long it takes at most until a change of a server's term is known.
const REPORT: Duration = Duration::from_millis(2);

/// How long a step may take that chance may prevent.
pub(super) const STEP: Duration = Duration::from_secs(10);

/// A network that a scene decides about.
pub(in crate::suites) struct Script<'a> {
    pub(in crate::suites) cluster: &'a RaftCluster,
    traffic: Traffic,
    /// By server, the term that it was in when it crashed.
    crashed_in: Mutex<Vec<Term>>,
}

impl<'a> Script<'a> {
    /// Takes over the network. All messages pass.
    pub(super) fn begin(cluster: &'a RaftCluster) -> Self {
        let traffic = Traffic::begin(cluster.network());
        Script { cluster, traffic, crashed_in: Mutex::new(vec![0; cluster.size()]) }
    }

    /// Waits until one of these messages is held.
    pub(in crate::suites) fn await_held(&self, messages: Messages) -> Result<(), Chance> {
        self.wait(&format!("one of these is sent: {messages:?}"), || {
            !self.held(&messages).is_empty()
        })
    }

    /// Waits until `count` more of these messages have passed.
    pub(in crate::suites) fn await_passed(
        &self,
        messages: Messages,
        count: usize,
    ) -> Result<(), Chance> {
        let before = self.passed(&messages);
        let step = format!("{count} of these pass: {messages:?}");
        self.wait(&step, || self.passed(&messages) >= before + count)
    }

    /// The term of a server; 0 if it is down.
    pub(in crate::suites) fn term(&self, server: usize) -> Term {
        self.cluster.get_state(server).map_or(0, |(term, _)| term)
    }

    /// Waits until servers have told of what they were in before: in virtual time they do so a moment after they have
    /// changed, and a message may come first.
    pub(super) fn await_report(&self) {
        thread::sleep(REPORT);
    }

    /// The term of a server, or the one that it was in when it crashed.
    pub(super) fn last_term(&self, server: usize) -> Term {
        self.term(server).max(self.crashed_in.lock()[server])
    }

    /// Crashes a server. What it has saved stays.
    pub(in crate::suites) fn crash(&self, server: usize) {
        let term = self.last_term(server);
        self.crashed_in.lock()[server] = term;
        self.cluster.crash(server);
    }

    /// Whether a server says that it leads.
    pub(in crate::suites) fn leads(&self, server: usize) -> bool {
        self.cluster.get_state(server).is_some_and(|(_, leads)| leads)
    }

    /// All servers but one, in the order of the ring.
    pub(in crate::suites) fn others<const COUNT: usize>(&self, server: usize) -> [usize; COUNT] {
        std::array::from_fn(|step| (server + 1 + step) % self.cluster.size())
    }

    /// Waits for something that chance may prevent, for up to 10 s.
    pub(in crate::suites) fn wait(
        &self,
        step: &str,
        holds: impl FnMut() -> bool,
    ) -> Result<(), Chance> {
        Chance::unless(self.happens(STEP, holds), step)
    }

    /// Whether something happens within this time.
    pub(in crate::suites) fn happens(&self, within: Duration, holds: impl FnMut() -> bool) -> bool {
        happens(within, POLL, holds)
    }

    /// Fails the test unless something happens at once: in virtual time within 150 ms, and on the clock, where the
    /// machine may be busy, within 5 s.
    pub(in crate::suites) fn must_soon(&self, expected: &str, holds: impl FnMut() -> bool) {
        let within = Duration::from_millis(if sim::is_active() { 150 } else { 5_000 });
        self.must(within, expected, holds);
    }

    /// The same, if the next heartbeat is what makes it happen: in virtual time within 300 ms more.
    pub(in crate::suites) fn must_soon_after_heartbeat(
        &self,
        expected: &str,
        holds: impl FnMut() -> bool,
    ) {
        let within = Duration::from_millis(if sim::is_active() { 450 } else { 5_000 });
        self.must(within, expected, holds);
    }

    /// Fails the test unless something happens within this time.
    pub(in crate::suites) fn must(
        &self,
        within: Duration,
        expected: &str,
        holds: impl FnMut() -> bool,
    ) {
        self.must_or_describe(within, expected, holds, |begun| {
            format!(
                "it has not happened within {within:?}: {}{}{}",
                self.cluster.describe_states(),
                self.cluster.describe_behind(begun),
                self.cluster.describe_elections(begun)
            )
        });
    }

    /// Fails the test unless a server becomes leader within this time.
    pub(in crate::suites) fn must_elect(
        &self,
        within: Duration,
        expected: &str,
        is_elected: impl FnMut() -> bool,
    ) {
        self.must_or_describe(within, expected, is_elected, |begun| {
            format!(
                "none is elected within {within:?}: {}",
                self.cluster.describe_candidacies(begun)
            )
        });
    }

    fn must_or_describe(
        &self,
        within: Duration,
        expected: &str,
        holds: impl FnMut() -> bool,
        describe: impl FnOnce(&WaitBegun) -> String,
    ) {
        let begun = self.cluster.begin_to_wait();
        if !self.happens(within, holds) {
            fail(Failure::new(Class::NoProgress, expected.to_owned(), describe(&begun)));
        }
    }

    /// Fails the test if something happens within this time. On a busy machine this thread may look later than
    /// that, and then what it sees says nothing.
    pub(in crate::suites) fn never(
        &self,
        within: Duration,
        expected: &str,
        mut happens: impl FnMut() -> bool,
    ) {
        self.never_any(within, expected, || happens().then(|| "it has happened".to_owned()));
    }

    /// The same, with words for what has happened.
    pub(in crate::suites) fn never_any(
        &self,
        within: Duration,
        expected: &str,
        mut what: impl FnMut() -> Option<String>,
    ) {
        let begun = Instant::now();
        let before = self.cluster.begin_to_wait();
        while begun.elapsed() <= within {
            if let Some(what) = what()
                && begun.elapsed() <= within
            {
                let seen = format!(
                    "{what}: {}{}",
                    self.cluster.describe_states(),
                    self.cluster.describe_elections(&before)
                );
                fail(Failure::new(Class::Assertion, expected.to_owned(), seen));
            }
            thread::sleep(POLL);
        }
    }

    /// Adds a line to the events of the run.
    pub(super) fn note(&self, text: &str) {
        self.cluster.note(text.to_owned());
    }
}

/// A script decides about the traffic of its cluster.
impl Deref for Script<'_> {
    type Target = Traffic;

    fn deref(&self) -> &Traffic {
        &self.traffic
    }
}
