//! 2D, continued: followers that are far behind their leader.

use std::time::{Duration, Instant};

use super::expect::expect;
use super::limits::{LIMIT, SHORTEST_TIMEOUT, STATE_LIMIT};
use super::script::{Cast, Chance, Script, appends, installs, play, requests};
use super::snapshot_steps::{CATCH_UP, HEARTBEAT, ORDERED};
use crate::case::{Case, Run, Summary};
use crate::harness::Snapshots;
use crate::runner::{Class, Failure, fail};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2D", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "lost_snapshot",
        "a snapshot that is lost on its way is sent again, but not all the time",
        lost_snapshot,
    ),
    case(
        "passed_on",
        "a leader sends the snapshot that it got from another one, or before a restart",
        passed_on,
    ),
    case("conflicting_tail", "a snapshot replaces a log that conflicts with it", conflicting_tail),
    case(
        "snapshot_waits",
        "a service that has stopped goes on with the snapshots that came meanwhile",
        snapshot_waits,
    ),
    case(
        "newer_snapshots",
        "a follower gets snapshots while its leader makes newer ones",
        newer_snapshots,
    ),
];

/// How long a follower hears only snapshots. Meanwhile a timer that they do not restart runs out.
const CALM: Duration = Duration::from_secs(2);

/// How many InstallSnapshots may be sent to a follower that gets all of them.
const MOST_INSTALLS: usize = 30;

/// How many commands are started while the leader makes newer snapshots, and how long after each other.
const COMMANDS: usize = 200;
const COMMAND_PAUSE: Duration = Duration::from_millis(4);

/// So many entries take more than [`STATE_LIMIT`].
const LONG_LOG: u64 = 150;

/// First requests are lost on the way to a follower that needs a snapshot, then its replies.
fn lost_snapshot(run: &Run) -> Summary {
    play(run, ORDERED, |script| {
        let [leader, follower, other] = script.open()?;
        script.lose(requests().to(follower));
        script.cluster.snapshot_at(leader, LONG_LOG - 1);
        script.commit(leader, &[other], 2..=LONG_LOG)?;
        expect_cut(
            script,
            leader,
            &format!(
                "server {leader} cuts its log when its service has a snapshot up to index {}, although server {follower} \
                 lacks these entries: it is sent the snapshot (section 7)",
                LONG_LOG - 1
            ),
        );

        script.pass(requests().to(follower));
        script.lose(installs());
        // Not so long that the follower, which hears nothing, stands for election.
        script.watch(Duration::from_millis(300));
        script.pass(installs());
        script.lose(installs().replies());
        expect_calm(script, leader, follower)?;

        script.double(installs());
        script.pass(installs().replies());
        let before = script.passed(&installs());
        await_all(script, follower, LONG_LOG);
        script.watch(Duration::from_secs(1));
        let sent = script.passed(&installs()) - before;
        expect(
            sent <= MOST_INSTALLS,
            format_args!(
                "once server {follower} gets every message, it gets at most {MOST_INSTALLS} x \
                 InstallSnapshot until it has caught up"
            ),
            format_args!("it got {sent}"),
        );
        script.cluster.restart_connected(follower);
        script.survive_without(other, &[leader, follower])
    })
}

/// Fails the test unless a server's state is small soon. `why` says what takes entries out of its log.
fn expect_cut(script: &Script<'_>, server: usize, why: &str) {
    let size = || script.cluster.state_size(server);
    expect(
        script.happens(CATCH_UP, || size() < STATE_LIMIT),
        format_args!("{why}: its Raft state is below {STATE_LIMIT} bytes"),
        format_args!("{} s later it still has {} bytes", CATCH_UP.as_secs(), size()),
    );
}

/// A server that was behind gets a snapshot, makes none itself, and leads. Another one is still behind.
fn passed_on(run: &Run) -> Summary {
    let scene = |script: &Script<'_>, restarts: bool| {
        let old = script.elect_any()?;
        let [new, behind, voters @ ..]: [usize; 4] = script.others(old);
        script.commit(old, &[new, behind], 1..=1)?;
        script.lose(requests().to([new, behind]));
        script.cluster.snapshot_at(old, 9);
        script.commit(old, &voters, 2..=10)?;
        script.wait("the leader saves a snapshot", || script.cluster.saved_snapshot(old) == 9)?;
        script.pass(requests().to(new));
        script.await_applied_by(new, 10)?;
        Chance::unless(script.cluster.saved_snapshot(new) == 9, "a server gets that snapshot")?;
        if restarts {
            script.cluster.restart_connected(new);
        }
        script.elect(new, &voters)?;
        script.cluster.crash(old);
        script.pass(requests().from(new));
        // Without a command of its term, it may not commit what comes after the snapshot (section 5.4.2).
        await_all(script, behind, if restarts { 9 } else { 10 });
        script.pass_all();
        script.cluster.one_with_retry(&script.cluster.random_command(), 4);
        Ok(())
    };
    let cast = Cast { snapshots: Snapshots::Ordered, ..Cast::of(5) };
    play(run, cast, |script| scene(script, false));
    // The snapshot is on the disk only.
    play(run, cast, |script| scene(script, true))
}

/// A follower that hears only snapshots, and whose replies are lost, hears from its leader all the same: fails the test
/// if it stands for election within 2 s. This is looked at in virtual time only.
fn expect_calm(script: &Script<'_>, leader: usize, follower: usize) -> Result<(), Chance> {
    let heard = requests().from(leader).to(follower);
    script.await_passed(heard.clone(), 1)?;
    // Its timer may have run out just then.
    script.watch(Duration::from_millis(20));
    let (begun, before) = (Instant::now(), script.asked(follower));
    let (mut count, mut last) = (0, begun);
    while begun.elapsed() < CALM {
        script.watch(Duration::from_millis(5));
        if script.passed(&heard) > count {
            (count, last) = (script.passed(&heard), Instant::now());
        }
        let step = format!("server {follower} hears from its leader all the time");
        Chance::unless(last.elapsed() < SHORTEST_TIMEOUT, &step)?;
        expect(
            script.asked(follower) == before || !sim::is_active(),
            format_args!(
                "server {follower} does not stand for election while InstallSnapshots of its leader, server \
                 {leader}, arrive: they restart its election timer"
            ),
            format_args!(
                "it has asked for votes {:.0} ms after the last one arrived",
                last.elapsed().as_secs_f64() * 1e3
            ),
        );
    }
    Ok(())
}

/// Waits until a server that all messages reach has applied all up to an index.
fn await_all(script: &Script<'_>, server: usize, index: u64) {
    let begun = script.cluster.begin_to_wait();
    if !script.happens(CATCH_UP, || script.cluster.last_applied(server) >= index) {
        fail(Failure::new(
            Class::NoProgress,
            format!(
                "server {server}, which was behind and gets all messages again, applies index {index} within \
                 {} s",
                CATCH_UP.as_secs()
            ),
            script.cluster.describe_progress(server, &begun),
        ));
    }
}

/// A leader that nobody hears goes on accepting commands. When it is back, the snapshot of the new leader
/// ends in the middle of them, and the new leader has no entry after it that would conflict with the rest.
fn conflicting_tail(run: &Run) -> Summary {
    play(run, ORDERED, |script| {
        let [old, new, other] = script.open()?;
        script.lose(requests().from(old));
        for _ in 0..LONG_LOG {
            script.start(old, &script.cluster.random_command())?;
        }
        script.elect(new, &[other])?;
        script.pass(requests().from(new).to(other));
        script.cluster.snapshot_at(new, 6);
        script.commit(new, &[other], 2..=6)?;

        script.pass_all();
        await_all(script, old, 6);
        expect_cut(
            script,
            old,
            &format!(
                "server {old} drops its {LONG_LOG} entries, which conflict with the snapshot up to index 6 (Figure 13, \
                 step 7)"
            ),
        );
        script.commit(new, &[old, other], 7..=7)?;
        if script.cluster.draw(2) == 0 {
            script.cluster.restart_connected(old);
        }
        script.survive_without(new, &[old, other])
    });
    play(run, ORDERED, |script| tail_after_snapshot(script, false));
    play(run, ORDERED, |script| tail_after_snapshot(script, true))
}

/// A server has entries after those of a snapshot that it gets, and no other server has them: the snapshot confirms what
/// it includes, and nothing after it. It must not count as one that has what its leader has there. If the snapshot is
/// lost, a heartbeat that begins at its end confirms no more (Figure 2, AppendEntries, step 5).
fn tail_after_snapshot(script: &Script<'_>, is_lost: bool) -> Result<(), Chance> {
    let [old, voter, leader] = script.open()?;
    script.cluster.snapshot_at(leader, 5);
    script.commit(old, &[voter, leader], 2..=5)?;
    script.wait("a server saves a snapshot", || script.cluster.saved_snapshot(leader) == 5)?;
    script.lose(requests().from(old));
    for _ in 6..=12 {
        script.start(old, &script.cluster.random_command())?;
    }
    script.elect(voter, &[leader])?;
    script.pass(requests().from(voter).to(leader));
    script.commit(voter, &[leader], 6..=8)?;
    // Its first request to the old leader is about index 8: it has to go back to where their logs agree.
    script.elect(leader, &[voter])?;
    for _ in 9..=10 {
        script.start(leader, &script.cluster.random_command())?;
    }
    script.pass(requests().from(leader).to(old));
    if is_lost {
        script.lose(installs());
        script.watch(2 * HEARTBEAT);
        script.pass(installs().from(leader).to(old));
    }
    script.watch(HEARTBEAT);
    script.survive_without(voter, &[leader, old])
}

/// A service has stopped, and its server waits to hand over the next entry, while snapshots come that include
/// this entry, and more entries. Before it goes on, it makes the snapshot for which it has stopped: that is
/// older than the one its server has by then.
fn snapshot_waits(run: &Run) -> Summary {
    play(run, ORDERED, waits_in_a_new_term);
    // If several threads wait to send to the service, chance decides which one is first.
    play(run, ORDERED.times(3), |script| {
        let [leader, follower, other] = script.open()?;
        script.cluster.snapshot_at(follower, 3);
        script.cluster.stop_service_at(follower, 3);
        script.commit(leader, &[other], 2..=5)?;
        script.await_applied_by(follower, 3)?;
        for last in [9, 13] {
            behind(script, [leader, follower, other], last)?;
        }
        script.cluster.resume_service(follower);
        await_all(script, follower, 13);
        script.commit(leader, &[follower, other], 14..=14)?;
        if script.cluster.draw(2) == 0 {
            script.cluster.restart_connected(follower);
        }
        script.survive_without(leader, &[follower, other])
    })
}

/// While a snapshot waits for the service, a new term begins. The snapshot is handed over all the same: its server has
/// dropped what came before it.
fn waits_in_a_new_term(script: &Script<'_>) -> Result<(), Chance> {
    let [leader, follower, other] = script.open()?;
    script.cluster.stop_service_at(follower, 3);
    script.commit(leader, &[other], 2..=5)?;
    script.await_applied_by(follower, 3)?;
    behind(script, [leader, follower, other], 9)?;
    script.elect(other, &[follower])?;
    script.pass(requests());
    script.cluster.one_with_retry(&script.cluster.random_command(), 2);
    script.cluster.resume_service(follower);
    await_all(script, follower, 10);
    Ok(())
}

/// Lets the follower miss the entries up to `last`, of which the last two are not in the leader's snapshot. Then
/// it gets the snapshot and these two. It answers although its service has stopped.
fn behind(
    script: &Script<'_>,
    [leader, follower, other]: [usize; 3],
    last: u64,
) -> Result<(), Chance> {
    script.lose(requests().to(follower));
    script.cluster.snapshot_at(leader, last - 2);
    script.commit(leader, &[other], last - 3..=last)?;
    let sent = installs().to(follower);
    let answers = sent.clone().replies();
    let before = script.passed(&answers);
    script.pass(requests().to(follower));
    script.await_passed(sent.clone(), 1)?;
    // Another one might be answered because it says nothing new.
    script.lose(sent.clone());
    script.must(
        CATCH_UP,
        &format!(
            "server {follower} answers InstallSnapshot although its service has stopped: no call into a Raft waits for the \
             service"
        ),
        || script.passed(&answers) > before,
    );
    script.pass(sent);
    script.await_passed(appends().to(follower), 2)
}

/// Servers make a snapshot after each command. A follower gets no entries, so it needs a newer snapshot all the time.
fn newer_snapshots(run: &Run) -> Summary {
    const ALWAYS: Cast = Cast { snapshots: Snapshots::Always, ..Cast::of(3).times(3) };
    play(run, ALWAYS, |script| {
        let [leader, follower, _] = script.open()?;
        script.lose(appends().to(follower).with_commands());
        for _ in 0..COMMANDS {
            script.start(leader, &script.long_command())?;
            script.watch(COMMAND_PAUSE);
        }
        script.pass_all();
        script.cluster.one_with_retry(&script.cluster.random_command(), 3);
        Ok(())
    });
    play(run, ORDERED, late_confirmation)
}

/// A follower installs a snapshot, and its reply comes when its leader has a newer one already, for entries that the
/// follower lacks. The reply confirms what was sent, or the follower would never get those entries.
fn late_confirmation(script: &Script<'_>) -> Result<(), Chance> {
    let [leader, follower, other] = script.open()?;
    script.lose(appends().to(follower).with_commands());
    script.lose(installs().to(follower));
    script.cluster.snapshot_at(leader, 5);
    script.commit(leader, &[other], 2..=6)?;
    script.hold(installs().to(follower).replies());
    script.pass(installs().to(follower));
    script.await_applied_by(follower, 5)?;
    script.lose(requests().to(follower));
    script.lose(installs().to(follower));
    script.cluster.snapshot_at(leader, 9);
    script.commit(leader, &[other], 7..=10)?;
    script.wait("the leader saves the newer snapshot", || {
        script.cluster.saved_snapshot(leader) == 9
    })?;
    script.release(installs().to(follower).replies());
    script.watch(Duration::from_millis(50));
    script.pass_all();
    await_all(script, follower, 10);
    Ok(())
}
