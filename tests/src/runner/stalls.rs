//! Why a simulation cannot go on, and what its threads are at.

use std::fmt::Write;

use sim::{Stall, ThreadReport};

use super::child::fail;
use super::verdict::{Class, Failure};

/// Fails the test because its simulation cannot go on.
pub(super) fn report(stall: Stall) -> ! {
    fail(match stall {
        Stall::Deadlock => Failure::new(
            Class::Deadlock,
            "some thread can go on, now or later".to_owned(),
            "every thread waits for another, and none for the time".to_owned(),
        ),
        Stall::Spin(thread) => Failure::new(
            Class::Spin,
            "a thread that waits for another blocks: on a lock, a condition, a channel, or in sleep"
                .to_owned(),
            format!("thread {} runs for seconds and never blocks\n{}", thread.name, stack(&thread)),
        ),
        Stall::Outside(thread) => Failure::new(
            Class::Fault,
            "no thread waits for the operating system".to_owned(),
            format!("thread {} is in a system call\n{}", thread.name, stack(&thread)),
        ),
    })
}

/// The part of a thread's stack that is the submission's, or else all of it.
fn stack(thread: &ThreadReport) -> String {
    let mut text = String::new();
    for frame in &thread.frames {
        let _ = writeln!(text, "{} at {}:{}", frame.function, frame.file, frame.line);
    }
    text
}
