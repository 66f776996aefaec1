//! 2F, continued: changes while servers fail, and messages are lost.

use std::time::Duration;

use super::expect::expect;
use super::limits::NEW_LEADER;
use super::member_steps::{CHANGE, WATCHED};
use super::script::{Cast, Chance, Script, appends, play, requests, votes};
use crate::case::{Run, Summary};
use crate::harness::Snapshots;

/// How long a leader may try to bring a server up to date that it cannot reach.
const GIVES_UP: Duration = Duration::from_secs(15);

/// In how many clusters a leader crashes in the middle of a change.
const INTERRUPTIONS: usize = 7;

/// How many AppendEntries a leader that crashes has sent since it began the change, at most.
const MOST_MESSAGES: u64 = 12;

/// How long a change may take after a leader has crashed: the next one may have to end another change first.
const AFTER_A_CRASH: Duration = Duration::from_secs(10);

/// How long a server is left alone that was removed.
const ABSENCE: Duration = Duration::from_secs(4);

/// How many entries a log has that a new server gets.
const ENTRIES: usize = 20;

/// A server that was removed hears from nobody, returns, and would like to be elected.
pub(super) fn removed_returns(run: &Run) -> Summary {
    play(run, Cast::of(4).members(4), |script| {
        let leader = script.lead()?;
        let term = script.term(leader);
        let [removed, ..] = script.others::<3>(leader);
        script.must_commit(leader, 4, "the four members hear each other")?;
        script.cut_off(removed);
        script.must_change(leader, removed, false);
        script.watch(ABSENCE);
        script.pass(requests());
        script.never(
            ABSENCE,
            &format!(
                "no member leaves term {term}: server {removed}, which was removed, disturbs nobody"
            ),
            || (0..4).any(|server| server != removed && script.term(server) > term),
        );
        script.must_commit(leader, 3, "the three members hear each other")
    })
}

/// Three members, of which one is down, and a fourth server that cannot be reached: if it counted, nothing could be
/// committed.
pub(super) fn catch_up_first(run: &Run) -> Summary {
    play(run, Cast::of(5).members(3), |script| {
        let leader = script.lead()?;
        let [down, _] = members_but(leader);
        script.must_commit(leader, 3, "the three members hear each other")?;
        script.crash(down);
        script.cut_off(3);
        script.must_begin_change(leader, 3, true);
        script.must_commit(
            leader,
            2,
            "two of three members hear each other, and server 3 does not count yet",
        )?;
        script.watch(WATCHED);
        script.must_commit(
            leader,
            2,
            "two of three members hear each other, and server 3 does not count yet",
        )?;
        let mut begun = false;
        script.must(
            GIVES_UP,
            &format!("server {leader} gives up adding server 3, which it does not reach, and adds server 4"),
            || {
                begun = begun || script.cluster.add_server(leader, 4);
                begun
            },
        );
        let mut members = vec![0, 1, 2, 4];
        members.sort_unstable();
        script.must_have_members(leader, &members);
        script.must_commit(leader, 3, "three of four members hear each other")?;
        script.pass(requests());
        Ok(())
    })
}

/// The two members besides this one, of the first three servers.
fn members_but(server: usize) -> [usize; 2] {
    [(server + 1) % 3, (server + 2) % 3]
}

/// A leader adds a server, and nobody hears of it but that server. The next leader, which reaches one other server,
/// removes the first one: of three members two would have it. Then the first leader could commit with the new server
/// and the fourth. So the next leader first has to commit something in its term, for which it needs a third server.
pub(super) fn own_term_first(run: &Run) -> Summary {
    play(run, Cast::of(5).members(4), |script| {
        let first = script.lead()?;
        script.must_commit(first, 4, "the four members hear each other")?;
        let [next, friend, fourth] = [1, 2, 3].map(|step| (first + step) % 4);
        script.lose(requests());
        script.pass(requests().from(first).to(4));
        script.cluster.add_server(first, 4);
        script.watch(Duration::from_millis(300));
        script.lose(requests());
        let term = script.term(first);
        script.pass(votes().from(next).to([friend, fourth]));
        script
            .wait(&format!("server {next} is elected by servers {friend} and {fourth}"), || {
                script.leads(next) && script.term(next) > term
            })?;
        script.lose(requests());
        script.pass(requests().from(next).to(friend));
        script.pass(requests().from(friend).to(next));
        script.cluster.remove_server(next, first);
        script.never(
            WATCHED,
            &format!(
                "server {next} does not remove server {first}: it has committed nothing in its term, for which it \
                 needs three of four members, and reaches one"
            ),
            || script.cluster.members(next).is_some_and(|members| !members.contains(&first)),
        );
        script.pass(requests());
        Ok(())
    })
}

/// Two servers are added at the same time: one may be refused, and neither is lost.
pub(super) fn two_at_once(run: &Run) -> Summary {
    play(run, Cast::of(5).members(3), two_that_join_alone);
    play(run, Cast::of(5).members(3), |script| {
        let leader = script.lead()?;
        script.must_commit(leader, 3, "the three members hear each other")?;
        script.hold(appends().from(leader).replies());
        let begun = [3, 4].map(|server| script.cluster.add_server(leader, server));
        expect(
            begun[0],
            format_args!("server {leader}, the leader, adds server 3: true"),
            format_args!("Raft::add_server(3) returned false"),
        );
        script.pass(appends().replies());
        script.release(appends().from(leader).replies());
        let mut begun = begun[1];
        script.must(
            2 * CHANGE,
            &format!("server {leader} adds server 4 as soon as server 3 is a member"),
            || {
                begun = begun || script.cluster.add_server(leader, 4);
                script.cluster.members(leader).is_some_and(|members| members == [0, 1, 2, 3, 4])
            },
        );
        script.must_commit(leader, 5, "all five servers are members")
    })
}

/// A leader that reaches no other member adds two servers. With both of them it would be a majority of five, while the
/// two other members are one of three.
fn two_that_join_alone(script: &Script<'_>) -> Result<(), Chance> {
    let leader = script.lead()?;
    script.must_commit(leader, 3, "the three members hear each other")?;
    members_but(leader).iter().for_each(|member| script.cut_off(*member));
    script.cluster.add_server(leader, 3);
    script.watch(Duration::from_millis(300));
    script.cluster.add_server(leader, 4);
    script.never(
        Duration::from_millis(700),
        &format!(
            "server {leader} adds neither server 3 nor 4: it reaches none of the two other members"
        ),
        || script.cluster.members(leader).is_some_and(|members| members.len() > 3),
    );
    Ok(())
}

/// A leader that was joined by a server reaches nobody, and removes a server. The others elect another leader, and its log takes the place of the
/// first one's.
pub(super) fn rolled_back(run: &Run) -> Summary {
    play(run, Cast::of(4).members(2), |script| {
        let first = script.lead()?;
        // What the last change goes back to is not what the cluster began with.
        script.must_change(first, 2, true);
        script.must_commit(first, 3, "the three members hear each other")?;
        // The two members of the beginning, and the one that has joined.
        let [next, third] = [1 - first, 2];
        script.cut_off(first);
        script.cluster.remove_server(first, third);
        let term = script.term(first);
        let mut leader = None;
        script.must_elect(NEW_LEADER, "two of three members elect a leader", || {
            leader = [next, third]
                .into_iter()
                .find(|server| script.leads(*server) && script.term(*server) > term);
            leader.is_some()
        });
        let leader = leader.unwrap_or(next);
        script.must_commit(leader, 2, "two of three members hear each other")?;
        script.pass(requests());
        script.must_commit(leader, 3, "the three members hear each other again")?;
        // Now it must count server `third` again, and with it alone make a majority.
        Chance::unless(script.cluster.transfer_leadership(leader, first), "the leader hands over")?;
        script.wait(&format!("server {first} leads"), || script.leads(first))?;
        script.cut_off(next);
        script.must_commit(
            first,
            2,
            "two of three members hear each other: the removal was overwritten",
        )
    })
}

/// A leader crashes while it adds a server, whatever it has told the others by then. Its successor can make another change,
/// whether it ends the first one or not.
pub(super) fn interrupted(run: &Run) -> Summary {
    play(run, Cast::of(5).members(3).times(INTERRUPTIONS), |script| {
        let first = script.lead()?;
        script.must_commit(first, 3, "the three members hear each other")?;
        let messages = appends().from(first);
        let last = script.passed(&messages) + script.cluster.draw(MOST_MESSAGES) as usize;
        script.must_begin_change(first, 3, true);
        script.wait(&format!("server {first} sends some messages"), || {
            script.passed(&messages) >= last
        })?;
        script.crash(first);
        script.must_elect(NEW_LEADER, "the members but one elect a leader", || {
            (0..4).any(|server| script.leads(server))
        });
        let mut begun = false;
        script.must(
            AFTER_A_CRASH,
            &format!(
                "a leader adds server 4: server {first}, which crashed while it added server 3, need not be back for that"
            ),
            || {
                let leads = |server: &usize| script.leads(*server);
                let added = |server| script.cluster.members(server).is_some_and(|known| known.contains(&4));
                let leader = (0..5).find(leads);
                begun = begun || leader.is_some_and(|leader| script.cluster.add_server(leader, 4));
                begun && leader.is_some_and(added)
            },
        );
        Ok(())
    })
}

/// All servers crash after a change, and start again.
pub(super) fn restarts(run: &Run) -> Summary {
    play(run, Cast::of(5).members(3), changed_and_restarted)
}

/// The same, and the change is in no log any more.
pub(super) fn snapshots(run: &Run) -> Summary {
    let restarted = Cast { snapshots: Snapshots::Always, ..Cast::of(5).members(3) };
    play(run, restarted, changed_and_restarted);
    let learned = Cast { snapshots: Snapshots::Always, ..Cast::of(4).members(4) };
    play(run, learned, learned_from_a_snapshot)
}

fn changed_and_restarted(script: &Script<'_>) -> Result<(), Chance> {
    let leader = script.lead()?;
    script.must_change(leader, 3, true);
    script.must_change(leader, 4, true);
    for _ in 0..ENTRIES {
        script.must_commit(leader, 5, "all five servers are members")?;
    }
    (0..5).for_each(|server| script.crash(server));
    // The first members alone would be a majority of three.
    let [one, other] = members_but(leader);
    script.cluster.restart_connected(one);
    script.cluster.restart_connected(other);
    let rule = "no server leads: two of the five members in the newest change of their logs are up, and a server uses \
                the newest members in its log, committed or not (section 6)";
    script.never(WATCHED * 2, rule, || script.leads(one) || script.leads(other));
    script.cluster.restart_connected(3);
    let mut leader = None;
    script.must_elect(NEW_LEADER, "three of five members elect a leader", || {
        leader = [one, other, 3].into_iter().find(|server| script.leads(*server));
        leader.is_some()
    });
    script.must_commit(leader.unwrap_or(3), 3, "three of five members hear each other")
}

/// A member that was cut off learns from a snapshot that another one was removed: the log no longer tells.
fn learned_from_a_snapshot(script: &Script<'_>) -> Result<(), Chance> {
    let leader = script.lead()?;
    script.must_commit(leader, 4, "the four members hear each other")?;
    let [removed, absent, third] = [1, 2, 3].map(|step| (leader + step) % 4);
    script.cut_off(absent);
    script.must_change(leader, removed, false);
    for _ in 0..ENTRIES {
        script.must_commit(leader, 2, "two of three members hear each other")?;
    }
    script.pass(requests());
    let mut members = vec![leader, absent, third];
    members.sort_unstable();
    script.must_have_members(absent, &members);
    script.crash(removed);
    script.crash(leader);
    let mut next = None;
    script.must_elect(NEW_LEADER, "two of three members elect a leader", || {
        next = [absent, third].into_iter().find(|server| script.leads(*server));
        next.is_some()
    });
    script.must_commit(next.unwrap_or(third), 2, "two of three members hear each other")
}
