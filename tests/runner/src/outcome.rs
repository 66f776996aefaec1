//! From what a child has sent and how it ended to the verdict.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use records::Class;
use rustix::process::Signal;

use crate::channel::Received;
use crate::verdict::{Failure, Verdict};

/// Decides what the verdict is: a valid record counts first, then why the parent stopped the child, then
/// how the process ended. What it printed and its exit code prove nothing.
pub(crate) fn decide(
    received: Received,
    stopped: Option<Failure>,
    status: Option<ExitStatus>,
) -> Verdict {
    Verdict::fail(match (received, stopped) {
        (Received::Verdict(verdict), _) => return verdict,
        (_, Some(failure)) => failure,
        (Received::Invalid, None) => Failure::new(
            Class::Tampered,
            "the harness in the test's process sends one record of its verdict".to_owned(),
            "what was received is not one record with this run's key".to_owned(),
        ),
        (Received::Nothing, None) if was_forbidden(status) => Failure::new(
            Class::Forbidden,
            "a submission starts threads, and asks the system for nothing else".to_owned(),
            "it asked for a process, the network or the like, and was killed for it".to_owned(),
        ),
        (Received::Nothing, None) => Failure::new(
            Class::Aborted,
            "the test runs to its end and reports it".to_owned(),
            format!("the process {} before that", describe(status)),
        ),
    })
}

/// Whether the filter of system calls has killed the process.
fn was_forbidden(status: Option<ExitStatus>) -> bool {
    status.and_then(|status| status.signal()) == Some(Signal::SYS.as_raw())
}

fn describe(status: Option<ExitStatus>) -> String {
    match status.map(|status| (status.code(), status.signal())) {
        Some((Some(code), _)) => format!("ended with exit code {code}"),
        Some((None, Some(signal))) => match Signal::from_named_raw(signal) {
            Some(name) => format!("was killed by signal {signal} ({name:?})"),
            None => format!("was killed by signal {signal}"),
        },
        _ => "ended".to_owned(),
    }
}
