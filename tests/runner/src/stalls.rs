//! Why a simulation cannot continue.

use records::Class;
use sim::Stall;

use crate::failure::Failure;
use crate::threads::describe_thread;

/// The failure of a test because the judge's own simulation cannot continue.
pub(crate) fn of_harness(stall: Stall) -> Failure {
    match stall {
        // The harness waits for the system only while a server has its turn.
        Stall::Outside(_) => Failure::new(
            Class::Forbidden,
            "a server reads what it is told, and ends its turn".to_owned(),
            "a server has done neither for 60 s, and used no processor time".to_owned(),
        ),
        Stall::Spin(thread) => {
            let seen = format!("one of its threads never does\n{}", describe_thread("", &thread));
            Failure::new(Class::Fault, "the harness waits for events".to_owned(), seen)
        }
        stall => stall_failure("the test", stall),
    }
}

/// The failure of a test because the simulation of `server`, such as "server 2", cannot continue.
pub fn stall_failure(server: &str, stall: Stall) -> Failure {
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
            format!(
                "a thread has run for seconds and never blocked\n{}",
                describe_thread(server, &thread)
            ),
        ),
        Stall::Outside(thread) => Failure::new(
            Class::Forbidden,
            "no thread waits for the operating system".to_owned(),
            format!(
                "a thread does so, unseen by the simulation\n{}",
                describe_thread(server, &thread)
            ),
        ),
    }
}
