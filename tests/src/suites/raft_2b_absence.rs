//! 2B, continued: a follower to which all messages are lost for a while.

use std::thread;
use std::time::Duration;

use super::expect::expect;
use super::limits::ELECTION;
use super::script::{Cast, Chance, Script, appends, play, requests};
use crate::case::{Run, Summary};

/// How many commands all servers have before.
const COMMANDS: u64 = 10;

/// How long each of them is, in bytes.
const LENGTH: usize = 5_000;

/// How often a follower may be called in 2 s that does not answer.
const MOST_CALLS: usize = 400;

/// How many bytes these calls may take: none of what it has already.
const MOST_BYTES: u64 = 50_000;

/// About the longest that a call to a server takes that is cut off.
const LONG_CALL: Duration = Duration::from_millis(6_500);

/// A follower is away for long. Its leader tries again and again (section 5.3), but with what it lacks only, and with
/// pauses. So it catches up without an election. Then the same with a server that is down, and no commands; and with
/// a leader that is killed before the server is back.
pub(super) fn long_absence(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let leader = script.elect_any()?;
        for number in 1..=COMMANDS {
            script.start(leader, &format!("command {number} {}", "x".repeat(LENGTH)))?;
        }
        script.await_applied(COMMANDS, 3)?;
        // Let replies that are under way arrive.
        script.watch(Duration::from_millis(200));
        let absent = script.others::<1>(leader)[0];
        script.lose(requests().from(absent));
        script.lose(requests().to(absent));
        script.start(leader, "before")?;
        expect_few_calls(script, leader, absent);
        script.watch(Duration::from_secs(8));
        script.start(leader, "after")?;
        script.pass(appends().from(leader).to(absent));
        script.must(
            2 * ELECTION,
            &format!(
                "server {absent}, to which all messages were lost for 10 s, hears from server {leader} again and \
                 applies index {}",
                COMMANDS + 2
            ),
            || script.cluster.applied_by(COMMANDS + 2) == 3 || !script.leads(leader),
        );
        Ok(())
    });
    play(run, Cast::of(3), |script| {
        let leader = script.elect_any()?;
        let absent = script.others::<1>(leader)[0];
        script.crash(absent);
        script.watch(Duration::from_secs(10));
        Chance::unless(script.leads(leader), "the leader of two servers stays")?;
        let heartbeats = appends().from(leader).to(absent);
        let before = script.passed(&heartbeats);
        script.cluster.restart_connected(absent);
        script.must(
            ELECTION,
            &format!(
                "server {leader} calls server {absent} as often as any other when that has been down for 10 s and starts \
                 again"
            ),
            || script.passed(&heartbeats) > before,
        );
        Ok(())
    });
    play(run, Cast::of(3).times(3), killed_meanwhile)
}

/// The leader is killed while a call to a server that lacks an entry is under way, which fails after as long as a call may
/// take. The leader makes no other one then.
fn killed_meanwhile(script: &Script<'_>) -> Result<(), Chance> {
    let leader = script.elect_any()?;
    let absent = script.others::<1>(leader)[0];
    let calls = appends().from(leader).to(absent);
    script.hold(calls.clone());
    script.start(leader, "command")?;
    script.await_applied(1, 2)?;
    script.await_held(calls.clone())?;
    script.cluster.kill(leader);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(LONG_CALL);
            script.discard(&calls);
        });
        script.cluster.check_end(leader);
    });
    script.cluster.crash(leader);
    Ok(())
}

fn expect_few_calls(script: &Script<'_>, leader: usize, absent: usize) {
    let bytes = || script.cluster.totals().bytes;
    let before = bytes();
    script.watch(Duration::from_secs(2));
    let (calls, bytes) = (script.lost(&appends().to(absent)), bytes() - before);
    expect(
        calls <= MOST_CALLS && bytes <= MOST_BYTES,
        format_args!(
            "server {leader} calls server {absent}, which does not answer, at most {MOST_CALLS} times in 2 s, with \
             what it lacks only: less than {MOST_BYTES} bytes in all"
        ),
        format_args!(
            "it has called {calls} times, with {bytes} bytes: does nextIndex go back when no reply comes, or is \
             there no pause?"
        ),
    );
}
