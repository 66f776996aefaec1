//! 2D, continued: replies that are lost, and what replies say.

use std::time::Duration;

use super::limits::LIMIT;
use super::script::{Chance, Script, appends, installs, play, requests};
use super::snapshot_steps::ORDERED;
use crate::case::{Case, Run, Summary};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2D", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "snapshot_ahead",
        "a follower that is ahead of what its leader knows takes entries",
        snapshot_ahead,
    ),
    case(
        "install_deposes",
        "a leader learns of a newer term by the reply to InstallSnapshot",
        install_deposes,
    ),
];

/// How long servers may take once messages arrive again.
const SOON: Duration = Duration::from_secs(10);

/// A follower's replies are lost, so its leader does not know that it has all entries, and has even made a snapshot of
/// them. What comes then begins below that snapshot, and matches (section 7).
fn snapshot_ahead(run: &Run) -> Summary {
    play(run, ORDERED, |script| {
        let leader = script.elect_any()?;
        let follower = script.others::<1>(leader)[0];
        script.cluster.snapshot_at(follower, 5);
        script.lose(appends().replies().from(follower));
        for number in 1..=6 {
            script.start(leader, &format!("command {number}"))?;
            script.watch(Duration::from_millis(50));
        }
        script.await_applied(6, 3)?;
        script.pass(appends().replies().from(follower));
        script.start(leader, "command 7")?;
        script.must(
            SOON,
            &format!(
                "server {follower}, whose snapshot ends at index 5, takes entries that begin below it, and applies \
                 index 7"
            ),
            || script.cluster.applied_by(7) == 3 || !script.leads(leader),
        );
        Ok(())
    });
    play(run, ORDERED, snapshot_between)
}

/// A leader's service makes a snapshot while later entries are on their way. Their acknowledgements commit them.
fn snapshot_between(script: &Script<'_>) -> Result<(), Chance> {
    let [leader, follower, absent] = script.open()?;
    script.cut_off(absent);
    script.cluster.snapshot_at(leader, 4);
    script.cluster.stop_service_at(leader, 4);
    script.commit(leader, &[], 2..=4)?;
    let sent = appends().from(leader).to(follower);
    script.hold(sent.clone().replies());
    for _ in 5..=8 {
        script.start(leader, &script.cluster.random_command())?;
    }
    script.await_held(sent.clone().replies())?;
    script.cluster.resume_service(leader);
    script.wait("the leader saves a snapshot", || script.cluster.saved_snapshot(leader) == 4)?;
    script.pass(sent.clone().replies());
    script.release(sent.replies());
    script.must(
        SOON,
        &format!(
            "server {leader} applies index 8, which it and server {follower} have: a snapshot up to index 4 takes nothing \
             away from what they have after it (section 7)"
        ),
        || script.cluster.last_applied(leader) >= 8 || !script.leads(leader),
    );
    Chance::unless(script.cluster.last_applied(leader) >= 8, "the leader stays")
}

/// A leader learns of a newer term by the reply to InstallSnapshot, and gives up (Figure 13; Rules for All Servers in
/// Figure 2).
fn install_deposes(run: &Run) -> Summary {
    play(run, ORDERED, |script| {
        let old = script.elect_any()?;
        let [behind, other] = script.others(old);
        script.lose(appends().to(behind).with_commands());
        let sent = installs().from(old).to(behind);
        script.hold(sent.clone());
        script.lose(requests().from(behind));
        script.cluster.snapshot_at(old, 5);
        for _ in 1..=6 {
            script.start(old, &script.long_command())?;
        }
        script.await_applied(6, 2)?;
        script.await_held(sent.clone())?;
        script.elect_among(&[behind, other])?;
        let term = script.term(behind).max(script.term(other));
        script.pass(sent.clone());
        script.release(sent.clone());
        script.await_passed(sent.replies(), 1)?;
        script.must(
            SOON,
            &format!(
                "server {old}, which leads an older term, learns of term {term} by the replies to its \
                 InstallSnapshot"
            ),
            || script.term(old) >= term,
        );
        Ok(())
    })
}
