//! What is left of a server that was asked to end.

use std::thread;
use std::time::Duration;

use protocol::{Answer, Question, STATE_THREAD};
use sim::ThreadReport;

use super::servers::Servers;
use super::service::Service;
use crate::runner::{Class, Failure, describe_thread, fail, runs_submission};

/// How long the threads of a server may go on after `kill`: a call that is under way then may take 7 s.
const END_LIMIT: Duration = Duration::from_secs(10);

/// The threads of a node that are there when the submission has none: one takes messages.
const OWN_THREADS: usize = 1;

/// How many of the threads that are left a failure describes.
const SHOWN: usize = 4;

/// Waits until the threads of servers that were asked to end must have ended. On the clock nobody looks at them.
pub(crate) fn await_ends() {
    if sim::is_active() {
        thread::sleep(END_LIMIT);
    }
}

impl<S: Service> Servers<S> {
    /// Fails the test if a thread of a server that was asked to end still runs code of the submission, some time
    /// later: after [`await_ends`]. Only a simulation knows its threads; on the clock nothing is looked at.
    pub(crate) fn check_ends(&self) {
        (0..self.slots.len()).for_each(|server| self.check_end(server));
    }

    /// The same for one server.
    pub(crate) fn check_end(&self, server: usize) {
        let running = self.slots[server].lock().running.clone();
        let Some(node) = running.filter(|_| sim::is_active()) else {
            return;
        };
        let count = node.ask(Question::CountThreads);
        if !matches!(count, Some(Answer::ThreadCount(count)) if count > OWN_THREADS) {
            return;
        }
        let threads = node.threads();
        let is_left =
            |thread: &ThreadReport| thread.name != STATE_THREAD && runs_submission(thread);
        let left: Vec<_> = threads.iter().filter(|(_, thread)| is_left(thread)).collect();
        let Some((label, _)) = left.first() else {
            return;
        };
        let described: String =
            left.iter().take(SHOWN).map(|(label, thread)| describe_thread(label, thread)).collect();
        fail(Failure::new(
            Class::Assertion,
            format!(
                "after {}, all threads of {label} end within {} s",
                S::KILL,
                END_LIMIT.as_secs()
            ),
            match left.len() {
                1 => format!("one has not\n{described}"),
                count => format!("{count} have not\n{described}"),
            },
        ))
    }
}
