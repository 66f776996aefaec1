//! 2B, continued: the way of committed commands to a service that takes its time.

use std::thread;
use std::time::Duration;

use super::script::{Cast, Chance, Script, play};
use crate::case::{Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

/// How many commands are committed while the services wait.
const COMMANDS: u64 = 12;

/// How many commands are committed while the services wait for long. More than a queue should hold.
const WAITING: u64 = 300;

/// How many commands a busy leader gets, and how long after each other.
const MANY_COMMANDS: usize = 500;
const COMMAND_PAUSE: Duration = Duration::from_millis(2);

/// The service stops for a while, and commands are committed one by one meanwhile. It still gets each index once,
/// in order (lastApplied in Figure 2). The ledger fails the test if not.
pub(super) fn slow_service(run: &Run) -> Summary {
    play(run, Cast::of(3).times(2), |script| {
        let leader = script.elect_any()?;
        (0..3).for_each(|server| script.cluster.stop_service_at(server, 1));
        for number in 1..=COMMANDS {
            script.start(leader, &format!("command {number}"))?;
            script.watch(Duration::from_millis(script.cluster.draw(60)));
        }
        script.watch(Duration::from_millis(400));
        (0..3).for_each(|server| script.cluster.resume_service(server));
        script.must(
            Duration::from_secs(5),
            &format!(
                "services that have waited get indexes 1 to {COMMANDS}, each once and in order"
            ),
            || script.cluster.applied_by(COMMANDS) == 3,
        );
        Ok(())
    });
    play(run, Cast::of(3), accept_many)
}

/// The services stop for seconds, and hundreds of commands are committed meanwhile. The leader goes on leading and
/// accepts them all at once: no method of it waits for the service. The watch over calls fails the test if one does.
fn accept_many(script: &Script<'_>) -> Result<(), Chance> {
    let leader = script.elect_any()?;
    let term = script.term(leader);
    (0..3).for_each(|server| script.cluster.stop_service_at(server, 1));
    for number in 1..=WAITING {
        script.start(leader, &format!("command {number}"))?;
        script.watch(Duration::from_millis(script.cluster.draw(10)));
    }
    script.never(
        Duration::from_secs(6),
        &format!("the servers stay in term {term} while the services wait"),
        || (0..3).any(|server| script.term(server) > term),
    );
    (0..3).for_each(|server| script.cluster.resume_service(server));
    script.must(
        Duration::from_secs(5),
        &format!("services that have waited get indexes 1 to {WAITING}, each once and in order"),
        || script.cluster.applied_by(WAITING) == 3,
    );
    Ok(())
}

/// Commands are started one after the other, before the earlier ones are applied: all threads of the leader have
/// something to do at the same time.
pub(super) fn busy_leader(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    cluster.one(&cluster.random_command(), 3);
    let leader = cluster.check_one_leader();
    for _ in 0..MANY_COMMANDS {
        if cluster.start(leader, &cluster.random_command()).is_none() {
            break;
        }
        thread::sleep(COMMAND_PAUSE);
    }
    cluster.one_with_retry(&cluster.random_command(), 3);
    cluster.finish()
}
