//! 2E: a leader that stays: no server deposes it that could not lead instead.
//!
//! Nothing here depends on how a solution asks for votes, or whether it asks before it stands.

use super::leader_steps::{ABSENCE, CALM};
use super::limits::{LIMIT, NEW_LEADER};
use super::raft_2e_flow::{batches, slow_follower};
use super::raft_2e_partial::{bridge, deaf_leader, unheard_leader};
use super::raft_2e_transfer::{
    transfer, transfer_behind, transfer_load, transfer_refused, transfer_to_nobody,
};
use super::script::{Cast, appends, play, replies, requests};
use crate::case::{Case, Run, Summary};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2E", name, title, limit: LIMIT, optional: true, run }
}

pub(super) const CASES: &[Case] = &[
    case("quiet_return", "a server that returns from a partition deposes nobody", quiet_return),
    case(
        "deaf_follower",
        "a server that hears nobody, but is heard, deposes nobody",
        deaf_follower,
    ),
    case("lost_link", "two servers that lose each other leave their leader in office", lost_link),
    case("short_log", "a server whose log is behind raises no term", short_log),
    case("older_term", "a server in an older term, with the longest log, is elected", older_term),
    case("unheard_leader", "a leader that no majority answers gives up", unheard_leader),
    case("deaf_leader", "a leader that is heard but hears no answer gives up", deaf_leader),
    case("bridge", "the only server that reaches a majority is elected", bridge),
    case("transfer", "a leader hands its office over without an election timeout", transfer),
    case("transfer_behind", "a hand-over waits until the other log is complete", transfer_behind),
    case(
        "transfer_to_nobody",
        "a leader whose successor does not answer goes on as before",
        transfer_to_nobody,
    ),
    case("transfer_refused", "only a leader hands an office over", transfer_refused),
    case("transfer_load", "no command is lost when offices are handed over", transfer_load),
    case("slow_follower", "a slow follower gets no more than it can take", slow_follower),
    case("batches", "commands that come together are sent together", batches),
];

fn quiet_return(run: &Run) -> Summary {
    play(run, Cast::of(5), |script| {
        let (leader, term) = script.settle()?;
        let [away, ..] = script.others::<4>(leader);
        script.cut_off(away);
        let alone = format!("server {away} reaches nobody, and so cannot be elected");
        script.expect_calm((leader, term), ABSENCE, &alone);
        script.pass(requests());
        let returned = format!("server {away} has returned");
        script.expect_calm((leader, term), CALM, &returned);
        script.must_agree(leader, 5)
    })
}

fn deaf_follower(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let (leader, term) = script.settle()?;
        let [deaf, _] = script.others(leader);
        script.lose(requests().to(deaf));
        let why = format!(
            "server {deaf} hears only answers to its own requests, and the others have a leader"
        );
        script.must_stay((leader, term), &why)
    })
}

fn lost_link(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let (leader, term) = script.settle()?;
        let [far, between] = script.others(leader);
        script.cut_link(leader, far);
        let why = format!("server {between} hears from it, and so would not vote for server {far}");
        script.must_stay((leader, term), &why)
    })
}

/// A server whose log is behind asks one that has no leader either. It must not even enter a term in which it cannot be
/// elected.
fn short_log(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let (leader, term) = script.settle()?;
        let [behind, ahead] = script.others(leader);
        script.lose(appends().to(behind));
        for _ in 0..3 {
            let started = script.start(leader, &script.cluster.random_command())?;
            script.await_applied(started.index, 2)?;
        }
        script.lose(requests().from(ahead));
        script.crash(leader);
        script.never(
            ABSENCE,
            &format!(
                "server {behind} stays in term {term}: the only server that it reaches, server {ahead}, has a \
                 longer log, and so would not vote for it"
            ),
            || script.term(behind) > term,
        );
        script.pass(requests());
        script.must_elect(
            NEW_LEADER,
            &format!("server {ahead}, which has the longer log, is elected"),
            || script.leads(ahead),
        );
        Ok(())
    })
}

/// A server that has stood for election on its own knows a newer term than all others, but has the shorter log. It cannot
/// be elected; the one that can must learn of that term.
fn older_term(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let (leader, term) = script.settle()?;
        let [newer, longer] = script.others(leader);
        script.lose(requests().from(newer));
        // The leader must not learn of the newer term.
        script.lose(replies().from(newer));
        script.cluster.transfer_leadership(leader, newer);
        let step = "a server that the office was to be handed to enters a newer term";
        script.wait(step, || script.term(newer) > term)?;
        script.lose(requests().to(newer));
        let mut started = None;
        script.wait("the leader takes commands again", || {
            started = script.cluster.start(leader, &script.cluster.random_command());
            started.is_some()
        })?;
        let index = started.map_or(0, |started| started.index);
        script.await_applied(index, 2)?;
        script.crash(leader);
        script.pass(requests());
        script.pass(replies());
        script.must_elect(
            NEW_LEADER,
            &format!(
                "server {longer} is elected: its log is longer than that of server {newer}, from which it learns \
                 that it must stand in a term after {}",
                script.term(newer)
            ),
            || script.leads(longer),
        );
        Ok(())
    })
}
