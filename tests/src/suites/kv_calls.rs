//! Calls of clerks that are watched from outside.

use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};

use super::expect;
use crate::runner::{Class, Failure, fail};

/// How long a call may take once its servers have a majority again.
const PATIENCE: Duration = Duration::from_secs(3);

/// Values to append.
pub(super) const THREE_VALUES: [&str; 3] = ["x 0 0 y", "x 1 0 y", "x 2 0 y"];

/// A call that is made on a thread of its own.
pub(super) struct Pending(Receiver<()>);

impl Pending {
    pub(super) fn begin(call: impl FnOnce() + Send + 'static) -> Self {
        let (sender, receiver) = bounded(1);
        thread::spawn(move || {
            call();
            // The test may have seen enough.
            let _ = sender.send(());
        });
        Pending(receiver)
    }

    pub(super) fn has_returned(&self) -> bool {
        !self.0.is_empty()
    }

    /// Waits until the call returns. Fails the test if that takes more than 3 s.
    pub(super) fn wait(self, what: &str) {
        if self.0.recv_timeout(PATIENCE).is_err() {
            fail(Failure::new(
                Class::NoProgress,
                format!("{what} returns within 3 s once its servers have a majority again"),
                "it has not returned".to_owned(),
            ));
        }
    }
}

/// Fails the test unless each of these was appended to key `k` once.
pub(super) fn expect_each_once(seen: &str, appended: &[&str]) {
    for part in appended {
        let times = seen.matches(part).count();
        expect(
            times == 1,
            format!("{part:?} was appended once: servers know a repeated request by its number"),
            format!("key \"k\" holds it {times} times: {seen:?}"),
        );
    }
}
