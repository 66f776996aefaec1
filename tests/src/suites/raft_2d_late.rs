//! 2D, continued: messages about snapshots that come late.

use std::time::Duration;

use labrpc::HeldMessage;

use super::limits::LIMIT;
use super::script::{Chance, Script, appends, installs, play, requests, votes};
use super::snapshot_steps::{HEARTBEAT, ORDERED};
use crate::case::{Case, Run, Summary};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2D", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "late_snapshot",
        "an InstallSnapshot that other messages overtake changes nothing",
        late_snapshot,
    ),
    case(
        "late_entries",
        "an AppendEntries that a snapshot overtakes adds no entry twice",
        late_entries,
    ),
    case(
        "acknowledged_tail",
        "an InstallSnapshot neither removes nor commits the entries after it",
        acknowledged_tail,
    ),
];

/// How long a server may take to save a snapshot of its service.
const SAVED: Duration = Duration::from_secs(10);

/// How long a server is watched that has got an InstallSnapshot of an older term.
const WATCHED: Duration = Duration::from_millis(100);

/// A follower commits entries through AppendEntries while an InstallSnapshot for some of them is on its way.
/// What it then gets is behind its commit index, though not behind its own snapshot: it has none.
/// Or it has one of its own by then, and has restarted: what its snapshot holds is committed.
fn late_snapshot(run: &Run) -> Summary {
    let scene = |script: &Script<'_>, restarts: bool| {
        let [leader, follower, other] = script.open()?;
        overtake(script, [leader, follower, other], 6)?;
        script.release(appends().to(follower));
        script.await_applied_by(follower, 6)?;
        script.pass(appends());
        if restarts {
            script.cluster.snapshot_at(follower, 7);
        }
        script.commit(leader, &[follower, other], 7..=7)?;

        // The leader and this follower alone commit two more entries.
        script.lose(requests().to(other));
        script.commit(leader, &[follower], 8..=9)?;
        script.pass(installs());
        if restarts {
            script.hold(appends().to(follower));
            script.cluster.restart_connected(follower);
        }
        script.release(installs().to(follower));
        script.watch(Duration::from_millis(50));
        script.survive_without(leader, &[follower, other])
    };
    play(run, ORDERED, |script| scene(script, false));
    play(run, ORDERED, |script| scene(script, true));
    play(run, ORDERED, old_heartbeat)
}

/// Before the InstallSnapshot comes, an old heartbeat does, from when nothing of it was committed. It must not take the
/// commit index back (Figure 2, AppendEntries, step 5), or the snapshot would seem to be new.
fn old_heartbeat(script: &Script<'_>) -> Result<(), Chance> {
    let [leader, follower, other] = script.open()?;
    let appends_to_it = appends().from(leader).to(follower);
    script.hold(appends_to_it.clone());
    script.await_held(appends_to_it.clone())?;
    let old: Vec<_> = script.held(&appends_to_it).iter().map(|held| held.id).collect();
    // The follower must not miss heartbeats for long, or it stands for election.
    script.pass(appends_to_it.clone());
    script.await_passed(appends_to_it.clone().replies(), 1)?;
    overtake(script, [leader, follower, other], 6)?;
    for newer in script.held(&appends_to_it) {
        if !old.contains(&newer.id) {
            script.cluster.network().release(newer.id);
        }
    }
    script.await_applied_by(follower, 6)?;
    old.iter().for_each(|id| _ = script.cluster.network().release(*id));
    script.watch(Duration::from_millis(5));
    script.release(installs().to(follower));
    script.watch(Duration::from_millis(50));
    script.survive_without(leader, &[follower, other])
}

/// A follower gets a snapshot first, and then the AppendEntries that were sent before: oldest first, or
/// after newer ones.
fn late_entries(run: &Run) -> Summary {
    let scene = |script: &Script<'_>, newest_first: bool| {
        let [leader, follower, other] = script.open()?;
        overtake(script, [leader, follower, other], 7)?;
        let late = script.held(&appends().to(follower));
        script.release(installs().to(follower));
        script.pass(installs());
        script.await_applied_by(follower, 5)?;
        let mut next = 8;
        if newest_first {
            script.pass(appends());
            script.commit(leader, &[follower, other], next..=next)?;
            next += 1;
        }
        release_in_order(script, &late);
        script.watch(Duration::from_millis(20));
        script.pass(appends());
        script.release(appends().to(follower));
        script.lose(requests().to(other));
        script.commit(leader, &[follower], next..=next + 1)?;
        script.survive_without(leader, &[follower, other])
    };
    play(run, ORDERED, |script| scene(script, false));
    play(run, ORDERED, |script| scene(script, true))
}

/// Has the leader commit the entries up to `last` with the third server, while AppendEntries with them to the
/// follower are held. Then its service makes a snapshot up to index 5, and the InstallSnapshot is held, too.
fn overtake(
    script: &Script<'_>,
    [leader, follower, other]: [usize; 3],
    last: u64,
) -> Result<(), Chance> {
    script.cluster.snapshot_at(leader, 5);
    script.cluster.stop_service_at(leader, 5);
    // Heartbeats pass: a leader that takes what it has sent for received learns by a refusal what the follower lacks.
    let entries = appends().from(leader).to(follower).with_commands();
    script.hold(entries.clone());
    script.hold(installs().from(leader).to(follower));
    for _ in 2..=last {
        script.start(leader, &script.long_command())?;
    }
    script.await_applied_by(other, last)?;
    // The next one has all entries, and says that they are committed. Heartbeats without entries may say it.
    let before = script.held(&entries).len();
    script.happens(2 * HEARTBEAT, || script.held(&entries).len() > before);
    script.cluster.resume_service(leader);
    script.await_applied_by(leader, last)?;
    script.must(
        SAVED,
        &format!(
            "server {leader} saves the snapshot that its service makes up to index 5, although it has index 6 to apply by \
             then"
        ),
        || script.cluster.saved_snapshot(leader) >= 5,
    );
    script.await_held(installs().from(leader).to(follower))
}

/// A follower acknowledges entries that it does not know to be committed, and then gets an InstallSnapshot for
/// some of them. It must keep the others (Figure 13, step 6): its acknowledgement has committed them. Until its leader
/// says so, it must not apply them.
fn acknowledged_tail(run: &Run) -> Summary {
    play(run, ORDERED.times(2), |script| {
        let [leader, follower, other] = send_tail(script)?;
        script.release(appends().to(follower).replies());
        script.await_applied_by(leader, 7)?;
        script.release(installs().to(follower));
        script.watch(Duration::from_millis(20));
        if script.cluster.draw(2) == 0 {
            script.cluster.restart_connected(follower);
        }
        script.survive_without(leader, &[follower, other])
    });
    play(run, ORDERED.times(2), apply_no_tail)
}

fn apply_no_tail(script: &Script<'_>) -> Result<(), Chance> {
    let [leader, follower, other] = send_tail(script)?;
    // It must not commit them as a leader itself.
    script.lose(votes());
    script.release(installs().to(follower));
    script.await_applied_by(follower, 5)?;
    script.never(
        WATCHED,
        &format!(
            "server {follower} applies nothing after index 5, the last of the snapshot that it has installed: nobody has \
             told it that later entries are committed (section 5.3)"
        ),
        || script.cluster.last_applied(follower) > 5,
    );
    script.survive_without(leader, &[follower, other])
}

/// Has a follower get entries 2 to 7, none of which it knows to be committed. Its replies are held. The leader commits
/// the first of them with the third server, and makes a snapshot up to index 5. Its InstallSnapshot is held. The entries
/// arrive before, or late: a leader that takes what it has sent for received sends the snapshot when a heartbeat is
/// refused, and others when an acknowledgement does not come.
fn send_tail(script: &Script<'_>) -> Result<[usize; 3], Chance> {
    let is_late = script.cluster.draw(2) == 0;
    let [leader, follower, other] = script.open()?;
    script.cluster.snapshot_at(leader, 5);
    script.hold(appends().from(leader).to(other));
    let entries = appends().from(leader).to(follower).with_commands();
    if is_late {
        script.hold(entries.clone());
        script.hold(installs().from(leader).to(follower));
    } else {
        script.hold(appends().to(follower).replies());
    }
    for _ in 2..=5 {
        script.start(leader, &script.long_command())?;
    }
    script.watch(HEARTBEAT);
    // These go to the follower alone.
    let without_tail = script.held(&appends().to(other));
    script.lose(requests().to(other));
    for _ in 6..=7 {
        script.start(leader, &script.long_command())?;
    }
    script.watch(HEARTBEAT);

    let late = script.held(&entries);
    if !is_late {
        script.hold(appends().from(leader).to(follower));
        script.hold(installs().from(leader).to(follower));
    }
    release_in_order(script, &without_tail);
    script.await_applied_by(leader, 5)?;
    script.await_held(installs().from(leader).to(follower))?;
    if is_late {
        script.hold(appends().from(leader).to(follower));
        script.hold(appends().to(follower).replies());
        release_in_order(script, &late);
        script.await_held(appends().to(follower).replies())?;
    }
    Chance::unless(script.cluster.applied_by(6) == 0, "the tail is not committed yet")?;
    Ok([leader, follower, other])
}

/// Lets messages arrive one by one, so that the recipient handles them in their order.
fn release_in_order(script: &Script<'_>, messages: &[HeldMessage]) {
    for message in messages {
        script.cluster.network().release(message.id);
        script.watch(Duration::from_millis(2));
    }
}
