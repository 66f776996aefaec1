//! The watch over the servers of a cluster: what they say of themselves must keep to the rules of
//! elections, and calls into them must return.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use protocol::Term;

use super::calls::ActiveCall;
use super::servers::Servers;
use super::service::Service;
use super::wire::INSTALL_SNAPSHOT;
use crate::runner::{Class, Failure, Happening, fail, record};

/// How often each server is asked for its term and role. Tests ask in between.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// The same in virtual time, where a server says it at the end of each turn. This notices one that no longer
/// does.
const ASK_IN_VIRTUAL_TIME: Duration = Duration::from_millis(500);

/// How often the calls that have not returned are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How long a test may take before it is failed with what is known of it. The runner ends it a second later.
const TEST_LIMIT: Duration = Duration::from_secs(119);

/// Starts the threads that watch over these servers until the test is over.
pub(crate) fn start<S: Service>(servers: &Arc<Servers<S>>) {
    let asked = servers.clone();
    thread::spawn(move || asked.ask_all());
    let watched = servers.clone();
    thread::spawn(move || watched.watch_calls());
}

/// From how many InstallSnapshots to one server on a test that takes too long says so.
const MANY_INSTALLS: u64 = 100;

impl<S: Service> Servers<S> {
    /// The term of a running server, and whether it says that it leads.
    pub(crate) fn ask(&self, server: usize) -> Option<(Term, bool)> {
        let running = self.slots[server].lock().running.clone()?;
        self.calls.call(server, "Raft::get_state", || running.ask_state())
    }

    /// Holds what a server says of its state against the rules of elections.
    pub(crate) fn observe(
        &self,
        server: usize,
        (term, leads): (Term, bool),
        since: Instant,
    ) -> Result<(), Failure> {
        let before = self.elections.lock().seen(server);
        if (before.term, before.leads) != (term, leads) {
            record(|| Happening::State { server: self.name(server), term, leads });
        }
        let observed = self.elections.lock().observe(server, (term, leads), since);
        let new_leader = observed.map_err(|broken| self.fail_election(server, term, broken))?;
        self.wire().observe(&self.name(server), term);
        if let Some(leader) = new_leader {
            let text = format!("server {} leads term {term}", self.number(server));
            self.journal.note_of_server(text);
            self.check_votes(server, term, leader)?;
        }
        Ok(())
    }

    fn ask_all(&self) {
        while !self.done.load(Ordering::Relaxed) {
            for server in 0..self.slots.len() {
                self.ask(server);
            }
            thread::sleep(if sim::is_active() { ASK_IN_VIRTUAL_TIME } else { ASK_EVERY });
        }
    }

    /// Fails the test if a call into a server does not return, or if the test takes too long.
    fn watch_calls(&self) {
        while !self.done.load(Ordering::Relaxed) {
            if let Some(call) = self.calls.overdue() {
                self.fail_overdue(call);
            }
            if self.elapsed() > TEST_LIMIT {
                fail(Failure::new(
                    Class::NoProgress,
                    format!("the test ends within {} s", TEST_LIMIT.as_secs()),
                    format!(
                        "it still goes on: {}{}",
                        self.service.describe_progress(),
                        self.describe_installs()
                    ),
                ));
            }
            thread::sleep(LOOK_EVERY);
        }
    }

    /// Which servers have got many InstallSnapshots, to follow a sentence; empty if none has.
    fn describe_installs(&self) -> String {
        let wire = self.wire();
        let describe = |server: usize| {
            let count = wire.exchanges().arrived(&self.name(server), INSTALL_SNAPSHOT);
            let number = self.number(server);
            (count >= MANY_INSTALLS).then(|| {
                format!(
                    "; {count} InstallSnapshots have reached server {number}: is one followed by the entries after it \
                     (section 7)?"
                )
            })
        };
        (0..self.slots.len()).filter_map(describe).collect()
    }

    fn fail_overdue(&self, call: ActiveCall) -> ! {
        let ActiveCall { server, method, since } = call;
        let running = self.slots[server].lock().running.clone();
        let reason =
            running.map_or("", |node| self.service.explain_stuck(server, &node, &self.calls));
        fail(Failure::new(
            Class::Deadlock,
            format!("{method} returns at once"),
            format!(
                "{method} has not returned on server {} for {} s{reason}",
                self.number(server),
                since.elapsed().as_secs()
            ),
        ))
    }
}
