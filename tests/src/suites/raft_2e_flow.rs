//! 2E, continued: a follower that is slow, and commands that come all at once.

use std::thread;
use std::time::{Duration, Instant};

use super::expect::expect;
use super::leader_steps::AGREEMENT;
use super::script::{Cast, Chance, appends, play};
use crate::case::{Run, Summary};

/// How many bytes may be under way to one follower.
const MOST_UNDER_WAY: usize = 500_000;

/// How many commands a slow follower lacks, and how long each is.
const LARGE_COMMANDS: usize = 60;
const LARGE: usize = 20_000;

/// How long the follower takes no message.
const SLOW: Duration = Duration::from_secs(3);

/// How long it may take until it has caught up.
const CATCH_UP: Duration = Duration::from_secs(10);

/// The fast follower is not held up meanwhile.
pub(super) fn slow_follower(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let (leader, _) = script.settle()?;
        let [slow, fast] = script.others(leader);
        let sent = appends().from(leader).to(slow);
        script.hold(sent.clone());
        let begun = Instant::now();
        let mut last = 0;
        for _ in 0..LARGE_COMMANDS {
            let mut command = script.cluster.random_command();
            command.extend(std::iter::repeat_n('x', LARGE - command.len()));
            last = script.start(leader, &command)?.index;
        }
        script.must(
            AGREEMENT,
            &format!(
                "server {fast} applies {LARGE_COMMANDS} commands of {LARGE} bytes although server {slow} takes none"
            ),
            || script.cluster.applied_by(last) == 2,
        );
        while begun.elapsed() < SLOW {
            let sizes: Vec<usize> =
                script.held(&sent).iter().map(|held| held.bytes.len()).collect();
            let bytes: usize = sizes.iter().sum();
            expect(
                bytes <= MOST_UNDER_WAY,
                format_args!(
                    "at most {MOST_UNDER_WAY} bytes are under way from server {leader} to server {slow}, which has \
                     not answered"
                ),
                format_args!("{bytes} bytes are, in calls of {sizes:?} bytes"),
            );
            thread::sleep(Duration::from_millis(10));
        }
        script.pass(sent.clone());
        script.release(sent);
        script.must(
            CATCH_UP,
            &format!("server {slow}, which takes messages again, catches up"),
            || script.cluster.applied_by(last) == 3,
        );
        Ok(())
    })
}

/// How many commands are started at once.
const COMMANDS: u64 = 200;

/// How many RPCs they may take.
const MOST_REQUESTS: usize = 150;

/// A leader sends together what has come while it waited for an answer.
pub(super) fn batches(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let (leader, term) = script.settle()?;
        let before = script.passed(&appends());
        script.hold(appends().replies());
        let mut last = 0;
        for _ in 0..COMMANDS {
            last = script.start(leader, &script.cluster.random_command())?.index;
        }
        script.pass(appends().replies());
        script.release(appends().replies());
        script.await_applied(last, 3)?;
        let spent = script.passed(&appends()) - before;
        Chance::unless(script.term(leader) == term, "the leader stays in office")?;
        expect(
            spent <= MOST_REQUESTS || !sim::is_active(),
            format_args!(
                "{COMMANDS} commands that are started while no answer comes take at most {MOST_REQUESTS} RPCs: what has come \
                 meanwhile goes together"
            ),
            format_args!(
                "they took {spent}: does each command go out alone, although the answers to earlier ones are due?"
            ),
        );
        Ok(())
    })
}
