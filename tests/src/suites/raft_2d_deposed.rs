//! 2D, continued: an InstallSnapshot of an older term is refused (Figure 13, step 1).

use std::time::Duration;

use protocol::Term;

use super::limits::LIMIT;
use super::raft_2a_timers::{REQUESTS, expect_stands};
use super::script::{Chance, Script, appends, installs, play, requests, votes};
use super::snapshot_steps::{CATCH_UP, ORDERED};
use crate::case::{Case, Run, Summary};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2D", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "deposed_snapshot",
        "a leader that was deposed installs no snapshot and deposes nobody",
        deposed_snapshot,
    ),
    case(
        "refused_snapshot",
        "an InstallSnapshot that was refused counts for nothing and restarts no timer",
        refused_snapshot,
    ),
];

/// How long a leader sends snapshots that do not arrive.
const UNANSWERED: Duration = Duration::from_secs(3);

/// How long a server is watched that has got an InstallSnapshot of an older term.
const WATCHED: Duration = Duration::from_millis(100);

/// The old leader's InstallSnapshot is held on its way to a server that has elected the third one. Also gives the term
/// in which it was sent.
fn hold_older(script: &Script<'_>) -> Result<([usize; 3], Term), Chance> {
    let [old_leader, behind, other] = script.open()?;
    for server in [old_leader, other] {
        script.cluster.snapshot_at(server, 5);
    }
    script.lose(appends().to(behind).with_commands());
    script.hold(installs().from(old_leader).to(behind));
    script.commit(old_leader, &[other], 2..=5)?;
    script.await_held(installs().from(old_leader).to(behind))?;
    let older = script.term(old_leader);
    script.elect(other, &[behind])?;
    Ok(([old_leader, behind, other], older))
}

/// A leader's InstallSnapshot arrives in a newer term (Figure 13, step 1): at a server that has voted since and still
/// lacks what the snapshot holds, or at the leader of that term.
fn deposed_snapshot(run: &Run) -> Summary {
    play(run, ORDERED, |script| {
        let ([old_leader, behind, other], older) = hold_older(script)?;
        script.release(installs().to(behind));
        script.never(
            WATCHED,
            &format!(
                "server {behind}, which has voted in term {}, does not install the snapshot that server \
                 {old_leader} sent in term {older}: that term is over",
                script.term(behind)
            ),
            || script.cluster.last_applied(behind) >= 5,
        );
        script.survive_without(old_leader, &[behind, other])
    });
    play(run, ORDERED, |script| {
        let ([old_leader, leader, other], older) = hold_older(script)?;
        script.pass(requests().from(other).to(leader));
        script.commit(other, &[leader], 6..=6)?;
        let term = script.elect(leader, &[other])?;
        script.pass(requests().from(leader).to(other));
        script.release(installs().to(leader));
        script.never_any(
            WATCHED,
            &format!(
                "server {leader} goes on leading term {term} when it gets the InstallSnapshot that server \
                 {old_leader} sent in term {older}: that term is over"
            ),
            || match script.term(leader) {
                now if now < term => Some(format!("server {leader} has gone back to term {now}")),
                now if now == term && !script.leads(leader) => {
                    Some(format!("server {leader} does not lead any more"))
                }
                _ => None,
            },
        );
        script.survive_without(old_leader, &[leader, other])
    })
}

/// The follower refuses it, as it must: its leader does not count it as received, and it puts off no election.
fn refused_snapshot(run: &Run) -> Summary {
    // A call that has no answer for too long is given up before its reply arrives.
    play(run, ORDERED.times(2), |script| {
        let ([leader, behind, other], _) = hold_older(script)?;
        let refusals = installs().from(leader).to(behind).replies();
        script.hold(refusals.clone());
        script.release(installs().to(behind));
        script.await_held(refusals.clone())?;
        let newer = script.term(other);
        script.pass(requests().from(other).to(leader));
        script.wait("the old leader is deposed", || script.term(leader) >= newer)?;
        let term = script.elect(leader, &[other])?;
        // The follower has not installed what it refused.
        script.release(refusals);
        script.watch(Duration::from_millis(20));
        script.pass_all();
        script.must(
            CATCH_UP,
            &format!(
                "server {behind} applies index 5: server {leader}, which leads again, sends it what it lacks, whatever it \
                 has refused in an earlier term (Figure 2, matchIndex), and its service gets that"
            ),
            || script.cluster.last_applied(behind) >= 5 || script.term(leader) > term,
        );
        Chance::unless(script.cluster.last_applied(behind) >= 5, "the leader stays")
    });
    play(run, ORDERED, old_snapshots)
}

/// Snapshots of a leader of an older term come again and again. They restart no timer (Figure 13, step 1).
fn old_snapshots(script: &Script<'_>) -> Result<(), Chance> {
    let [leader, behind, other] = script.open()?;
    script.cluster.snapshot_at(leader, 5);
    script.lose(appends().to(behind).with_commands());
    script.lose(votes());
    let sent = installs().from(leader).to(behind);
    script.hold(sent.clone());
    script.commit(leader, &[other], 2..=5)?;
    script.watch(UNANSWERED);
    let snapshots: Vec<_> = script.held(&sent).iter().map(|held| held.id).collect();
    // Who waits for one reply before it sends again has sent too few.
    if snapshots.len() >= REQUESTS {
        script.lose(installs());
        script.elect(other, &[behind])?;
        expect_stands(script, behind, &snapshots, "InstallSnapshots of an older term");
    }
    Ok(())
}
