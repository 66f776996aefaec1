//! How a node has ended.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use records::Class;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// How a node has ended, as the runner has seen it. What the node itself has said does not matter here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeEnd {
    /// It has exited, with this code.
    Exited(i32),
    /// It was killed by this signal, which its own code has caused.
    Signalled(i32),
    /// The runner has killed it, because it has exceeded a limit.
    Exceeded {
        /// The limit.
        expected: String,
        /// What it has used.
        seen: String,
    },
    /// The filter of system calls has killed it.
    Forbidden,
    /// It could not be started: why.
    NotStarted(String),
    /// Something other than the runner and the node has killed it.
    KilledFromOutside,
    /// The judge has had it killed.
    Killed,
    /// It had not ended when the runner was tired of waiting; the runner has killed it then.
    StillRunning,
}

impl NodeEnd {
    /// How a process has ended that the runner did not kill.
    pub(crate) fn of(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => NodeEnd::Exited(code),
            (None, Some(signal)) if signal == Signal::SYS.as_raw() => NodeEnd::Forbidden,
            (None, Some(signal)) if signal == Signal::KILL.as_raw() => NodeEnd::KilledFromOutside,
            (None, signal) => NodeEnd::Signalled(signal.unwrap_or(0)),
        }
    }

    /// The failure of a test whose node has ended like this, although it should not have.
    pub fn failure(&self, server: &str) -> Failure {
        let runs_on = || format!("{server} runs until the test ends it");
        let works = || "the machine runs the processes of a test".to_owned();
        let (class, expected, seen) = match self {
            NodeEnd::Exited(code) => {
                (Class::Aborted, runs_on(), format!("its process ended with exit code {code}"))
            }
            NodeEnd::Signalled(signal) => {
                let seen = format!("its process was killed by {}", describe_signal(*signal));
                (Class::Aborted, runs_on(), seen)
            }
            NodeEnd::Exceeded { expected, seen } => {
                (Class::Resource, expected.clone(), format!("{server} {seen}"))
            }
            NodeEnd::Forbidden => (
                Class::Forbidden,
                "a server starts threads, and asks the system for nothing else".to_owned(),
                format!(
                    "{server} asked for a process, the network or the like, and was killed for it"
                ),
            ),
            NodeEnd::NotStarted(reason) => {
                (Class::Fault, works(), format!("the process of {server} did not start: {reason}"))
            }
            NodeEnd::KilledFromOutside => {
                let seen = format!(
                    "the process of {server} was killed by something else, such as a system that was \
                     short of memory"
                );
                (Class::Fault, works(), seen)
            }
            NodeEnd::Killed => {
                (Class::Fault, runs_on(), "the harness itself has killed its process".to_owned())
            }
            NodeEnd::StillRunning => (
                Class::Tampered,
                format!("{server} speaks with the harness as long as its process runs"),
                "it closed the connection, and its process ran on".to_owned(),
            ),
        };
        Failure::new(class, expected, seen)
    }
}

/// A signal with its name, if it has one.
pub(crate) fn describe_signal(signal: i32) -> String {
    match Signal::from_named_raw(signal) {
        Some(name) => {
            // Such as "Signal::ABORT", quoted.
            let name = format!("{name:?}");
            let name = name.trim_matches('"').trim_start_matches("Signal::").to_lowercase();
            format!("signal {signal} ({name})")
        }
        None => format!("signal {signal}"),
    }
}
