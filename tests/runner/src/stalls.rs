//! Why a simulation cannot continue.

use records::Class;
use sim::Stall;

use crate::reporter::fail;
use crate::threads::describe;
use crate::verdict::Failure;

/// Fails the test because its simulation cannot continue.
pub(crate) fn report(stall: Stall) -> ! {
    fail(failure(stall))
}

fn failure(stall: Stall) -> Failure {
    match stall {
        Stall::Deadlock => Failure::new(
            Class::Deadlock,
            "some thread can run, now or later".to_owned(),
            "every thread waits for another, and no timer can wake one".to_owned(),
        ),
        Stall::Unseen(what) => Failure::new(
            Class::Fault,
            "the simulation sees whatever the program does; without --sim the tests run".to_owned(),
            format!(
                "the program {what} unseen, with this version of Rust or of the system's C library"
            ),
        ),
        Stall::OutOfTime => Failure::new(
            Class::Livelock,
            "the test ends within its limit of virtual time".to_owned(),
            "its threads are still at work".to_owned(),
        ),
        Stall::Spin(thread) => Failure::new(
            Class::Spin,
            "a thread that waits blocks: on a lock, a condition, a channel, or in a sleep"
                .to_owned(),
            format!("a thread has run for seconds and never blocked\n{}", describe(&thread)),
        ),
        Stall::Outside(thread) => Failure::new(
            Class::Fault,
            "no thread waits for the operating system".to_owned(),
            format!("a thread does so, unseen by the simulation\n{}", describe(&thread)),
        ),
    }
}
