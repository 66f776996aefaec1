//! 2D, continued: the term of the last entry in a snapshot.

use std::time::Duration;

use super::limits::LIMIT;
use super::raft_2c_votes::ask_restarted;
use super::script::{Chance, Script, appends, installs, play, requests, votes};
use super::snapshot_steps::ORDERED;
use super::vote_steps::Duel;
use crate::case::{Case, Run, Summary};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2D", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "term_of_snapshot",
        "a server whose snapshot has emptied its log knows the term of the last entry",
        term_of_snapshot,
    ),
    case(
        "snapshot_in_newer_term",
        "a snapshot keeps the term of its last entry when the server is in a newer term",
        snapshot_in_newer_term,
    ),
    case(
        "vote_after_snapshot",
        "a server that has voted and then saves a snapshot remembers its vote after a restart",
        vote_after_snapshot,
    ),
];

/// How long a candidate asks for votes that it must not get.
const CANDIDACY: Duration = Duration::from_secs(3);

/// A server with an old log asks another one for its vote, whose log is empty after a snapshot. It must not get
/// it (section 5.4.1). The other way round the vote is granted, and the new leader goes on from its snapshot.
fn term_of_snapshot(run: &Run) -> Summary {
    play(run, ORDERED, |script| {
        let [leader, old, other] = script.open()?;
        script.lose(requests().to(old));
        script.lose(requests().from(old));
        save_five(script, leader, other)?;
        if script.cluster.draw(2) == 0 {
            script.cluster.restart_connected(other);
        }
        script.cluster.crash(leader);
        script.lose(votes().from(other));
        script.happens(CANDIDACY, || script.term(old) >= script.term(other) + 2);
        script.pass(requests().from(old));
        script.never(
            CANDIDACY,
            &format!(
                "server {old}, whose log ends at index 1, is not elected: server {other} has a \
                 snapshot up to index 5 and must compare the last term and index of that"
            ),
            || script.leads(old),
        );
        script.pass_all();
        script.cluster.one_with_retry(&script.cluster.random_command(), 2);
        script.cluster.restart_connected(leader);
        script.survive_without(other, &[leader, old])
    })
}

/// Has a leader and one other server commit the entries 2 to 5, and save a snapshot of them.
fn save_five(script: &Script<'_>, leader: usize, other: usize) -> Result<(), Chance> {
    for server in [leader, other] {
        script.cluster.snapshot_at(server, 5);
    }
    script.commit(leader, &[other], 2..=5)?;
    script.wait("both servers save a snapshot", || {
        [leader, other].iter().all(|server| script.cluster.saved_snapshot(*server) == 5)
    })?;
    Ok(())
}

/// A server has missed committed entries, and has voted in a newer term. Then it makes a snapshot of older entries. It
/// must not be elected by a server that has what it missed (section 5.4.1).
fn snapshot_in_newer_term(run: &Run) -> Summary {
    play(run, ORDERED, |script| {
        let [leader, behind, other] = script.open()?;
        script.cluster.snapshot_at(behind, 5);
        script.cluster.stop_service_at(behind, 5);
        script.commit(leader, &[behind, other], 2..=5)?;
        script.lose(requests().to(behind));
        script.commit(leader, &[other], 6..=7)?;
        script.elect(other, &[behind])?;
        script.cluster.resume_service(behind);
        script.wait("the server that has voted saves a snapshot", || {
            script.cluster.saved_snapshot(behind) == 5
        })?;
        if script.cluster.draw(2) == 0 {
            script.cluster.restart_connected(behind);
        }
        script.cluster.crash(other);
        script.pass(requests().from(behind));
        script.never(
            CANDIDACY,
            &format!(
                "server {behind}, whose snapshot ends at index 5, is not elected: server {leader} has \
                 committed entries up to index 7 of the same term"
            ),
            || script.leads(behind),
        );
        script.pass_all();
        script.cluster.one_with_retry(&script.cluster.random_command(), 2);
        script.cluster.restart_connected(other);
        script.survive_without(leader, &[behind, other])
    })
}

/// A server votes, makes a snapshot, restarts, and is asked for its vote in the same term by another candidate. The
/// watch over elections fails the test if both candidates lead.
fn vote_after_snapshot(run: &Run) -> Summary {
    play(run, ORDERED, |script| {
        let [leader, ..] = script.open()?;
        for server in 0..3 {
            script.cluster.snapshot_at(server, 3);
            script.cluster.stop_service_at(server, 3);
        }
        script.commit(leader, &script.others::<2>(leader), 2..=3)?;
        let duel = Duel::one_candidate(script)?;
        let elected = duel.elect_first(script);
        let voter = duel.first.to;
        (0..3).for_each(|server| script.cluster.resume_service(server));
        elected?;
        script.wait("the server that has voted saves a snapshot", || {
            script.cluster.saved_snapshot(voter) == 3
        })?;
        ask_restarted(script, voter, &duel)
    });
    play(run, ORDERED, vote_after_install)
}

/// A server votes, gets a snapshot from the leader that it has elected, and is asked by another candidate of the same term.
fn vote_after_install(script: &Script<'_>) -> Result<(), Chance> {
    let [leader, behind, other] = script.open()?;
    script.lose(requests().to(behind));
    save_five(script, leader, other)?;
    // As a leader it would not stand.
    script.cluster.restart_connected(leader);
    let duel = Duel::for_vote_of(script, &[behind])?;
    duel.elect_first(script)?;
    script.pass(appends().from(duel.first.from).to(behind));
    script.pass(installs().from(duel.first.from).to(behind));
    script.await_applied_by(behind, 5)?;
    duel.elect_second(script)
}
