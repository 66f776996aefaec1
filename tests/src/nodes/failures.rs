//! How a node that has failed is worded.

use protocol::Panicked;
use sim::Stall;

use crate::runner::{Class, Failure, describe_thread};

/// The process of a node could not be started.
pub(super) fn cannot_start(label: &str, problem: &str) -> Failure {
    Failure::new(Class::Fault, format!("the process of {label} starts"), problem.to_owned())
}

/// A node has sent what no message can be.
pub(crate) fn broken_protocol(label: &str, problem: &str) -> Failure {
    let expected =
        format!("the process of {label} talks to the harness through the given crates alone");
    Failure::new(Class::Tampered, expected, problem.to_owned())
}

/// A thread of a node has panicked. `life` says what is known of the node, to follow a sentence.
pub(super) fn panicked(label: &str, panic: &Panicked, life: &str) -> Failure {
    let Panicked { message, place, thread } = panic;
    let thread = if thread.is_empty() { String::new() } else { format!(", in thread {thread}") };
    let seen = format!("{label} panics at {place}{thread}: {message}{life}");
    Failure::new(Class::Panic, "no server panics".to_owned(), seen)
}

/// The simulation of a node cannot continue.
pub(super) fn stalled(label: &str, stall: &Stall) -> Failure {
    let (class, expected, seen) = match stall {
        Stall::Spin(thread) => (
            Class::Spin,
            "a thread that waits blocks: on a lock, a condition, a channel, or in a sleep",
            format!(
                "a thread has run for seconds and never blocked\n{}",
                describe_thread(label, thread)
            ),
        ),
        Stall::Outside(thread) => (
            Class::Forbidden,
            "no thread waits for the operating system",
            format!(
                "a thread does so, unseen by the simulation\n{}",
                describe_thread(label, thread)
            ),
        ),
        Stall::Unseen(what) => (
            Class::Fault,
            "the simulation sees whatever the program does; without --sim the tests run",
            format!(
                "the program {what} unseen, with this version of Rust or of the system's C library"
            ),
        ),
        // A guest leaves these to the judge.
        Stall::Deadlock | Stall::OutOfTime => {
            (Class::Tampered, "a node's time is the judge's", format!("{label} says otherwise"))
        }
    };
    Failure::new(class, expected.to_owned(), seen)
}
