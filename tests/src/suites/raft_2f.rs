//! 2F: clusters whose members change.

use std::time::Duration;

use super::limits::{LIMIT, NEW_LEADER};
use super::member_steps::{CHANGE, WATCHED};
use super::raft_2f_churn::{churn, snapshot_churn};
use super::raft_2f_faults::{
    catch_up_first, interrupted, own_term_first, removed_returns, restarts, rolled_back, snapshots,
    two_at_once,
};
use super::script::{Cast, Chance, Script, play, requests};
use crate::case::{Case, Run, Summary};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2F", name, title, limit: LIMIT, optional: true, run }
}

pub(super) const CASES: &[Case] = &[
    case("grow", "servers that join count", grow),
    case("shrink", "servers that leave no longer count", shrink),
    case("outsider", "a server that is no member stands for nothing", outsider),
    case("remove_leader", "a leader that is removed goes, and another comes", remove_leader),
    case("removed_returns", "a server that was removed deposes nobody", removed_returns),
    case("catch_up_first", "a server that cannot be reached holds nothing up", catch_up_first),
    case(
        "own_term_first",
        "a leader commits in its own term before it changes members",
        own_term_first,
    ),
    case("two_at_once", "changes come one after the other", two_at_once),
    case("rolled_back", "a change that is overwritten counts no longer", rolled_back),
    case("interrupted", "a change whose leader crashes stands in no other's way", interrupted),
    case("restarts", "who the members are survives crashes", restarts),
    case("snapshots", "who the members are is in snapshots", snapshots),
    case("churn", "members come and go while servers fail", churn),
    case(
        "snapshot_churn",
        "members come and go while servers fail and make snapshots",
        snapshot_churn,
    ),
];

/// How long a server is left alone.
const ABSENCE: Duration = Duration::from_secs(3);

fn grow(run: &Run) -> Summary {
    play(run, Cast::of(5).members(3), |script| {
        let leader = script.lead()?;
        script.must_commit(leader, 3, "the three members hear each other")?;
        script.must_change(leader, 3, true);
        script.must_change(leader, 4, true);
        script.must_commit(leader, 5, "all five servers are members")?;
        let mut old = (0..3).filter(|server| *server != leader);
        old.by_ref().take(1).for_each(|server| script.cut_off(server));
        script.must_commit(leader, 4, "four of five members hear each other")?;
        let last = (0..3).rfind(|server| *server != leader).unwrap_or(0);
        script.cut_off(last);
        script.must_commit(leader, 3, "three of five members hear each other")?;
        script.cut_off(3);
        script.must_not_commit(leader, "it reaches one of the four other members")?;
        script.pass(requests());
        Ok(())
    })
}

fn shrink(run: &Run) -> Summary {
    play(run, Cast::of(5).members(5), |script| {
        let leader = script.lead()?;
        script.must_commit(leader, 5, "the five members hear each other")?;
        let [first, second, third, fourth] = script.others(leader);
        script.must_change(leader, first, false);
        script.must_change(leader, second, false);
        script.crash(first);
        script.crash(second);
        script.cut_off(third);
        script.must_commit(leader, 2, "two of three members hear each other")?;
        script.cut_off(fourth);
        script.must_not_commit(leader, "it reaches none of the two other members")?;
        script.pass(requests());
        Ok(())
    })
}

fn outsider(run: &Run) -> Summary {
    play(run, Cast::of(4).members(3), |script| {
        let leader = script.lead()?;
        let term = script.term(leader);
        script.never(
            ABSENCE,
            "server 3, which is no member, stays in term 0: it does not stand",
            || script.term(3) > 0,
        );
        script.never(WATCHED, &format!("all stay in term {term}: server 3 is no member"), || {
            (0..3).any(|server| script.term(server) > term)
        });
        script.must_change(leader, 3, true);
        script.must_commit(leader, 4, "server 3 is a member now")
    })
}

fn remove_leader(run: &Run) -> Summary {
    play(run, Cast::of(3).members(3), half_of_the_rest);
    play(run, Cast::of(3).members(3).times(3), |script| {
        let leader = script.lead()?;
        script.must_commit(leader, 3, "the three members hear each other")?;
        script.must_begin_change(leader, leader, false);
        script.must(
            CHANGE,
            &format!("server {leader} gives up its office: it was removed, and that is committed"),
            || !script.leads(leader),
        );
        let mut next = None;
        script.must_elect(NEW_LEADER, "one of the two members is elected", || {
            next = (0..3).find(|server| *server != leader && script.leads(*server));
            next.is_some()
        });
        let next = next.unwrap_or(leader);
        script.must_commit(next, 2, "both members hear each other")?;
        let mut members = vec![0, 1, 2];
        members.retain(|member| *member != leader);
        script.must_have_members(next, &members);
        script.never(ABSENCE, &format!("server {leader} does not lead: it is no member"), || {
            script.leads(leader)
        });
        Ok(())
    })
}

/// A leader removes itself, and reaches one of the two others: it no longer counts.
fn half_of_the_rest(script: &Script<'_>) -> Result<(), Chance> {
    let leader = script.lead()?;
    script.must_commit(leader, 3, "the three members hear each other")?;
    let [_, other] = script.others(leader);
    script.cut_off(other);
    script.must_begin_change(leader, leader, false);
    script.never(
        WATCHED,
        &format!(
            "server {leader} does not know that its removal is committed: both other servers must have it, and it \
             reaches one"
        ),
        || script.cluster.members(leader).is_some_and(|members| members.len() < 3),
    );
    script.pass(requests());
    Ok(())
}
