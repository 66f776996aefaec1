//! 2E, continued: leaders that reach no majority, and networks in which messages go one way only or past some servers.

use std::time::Duration;

use super::expect::expect;
use super::leader_steps::{CALM, gives_up_within};
use super::limits::NEW_LEADER;
use super::script::{Cast, Chance, Script, play, replies, requests};
use crate::case::{Run, Summary};

/// How long it takes at most until there is a leader, if only one server can be elected.
const PROGRESS: Duration = Duration::from_secs(5);

/// First no server answers the leader, and then one of four, which is no majority.
pub(super) fn unheard_leader(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let (leader, term) = script.settle()?;
        script.cut_off(leader);
        expect_gives_up(script, leader, "no server answers it");
        expect(
            script.term(leader) == term,
            format_args!("server {leader} gives up in its term, {term}: it stands for no election"),
            format_args!("it is in term {}", script.term(leader)),
        );
        Ok(())
    });
    play(run, Cast::of(5), |script| {
        let (leader, _) = script.settle()?;
        let [first, second, third, last] = script.others(leader);
        [first, second, third].iter().for_each(|server| script.cut_link(leader, *server));
        let why = format!("only server {last} answers it, of four");
        expect_gives_up(script, leader, &why);
        Ok(())
    })
}

fn expect_gives_up(script: &Script<'_>, leader: usize, why: &str) {
    script.must(
        gives_up_within(),
        &format!(
            "server {leader} no longer leads 2 s after it was cut off: {why}, and so it can commit nothing"
        ),
        || !script.leads(leader),
    );
}

/// Its heartbeats arrive, so that no follower stands for election as long as it sends them.
pub(super) fn deaf_leader(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let (deaf, _) = script.settle()?;
        let others: [usize; 2] = script.others(deaf);
        script.lose(requests().to(deaf));
        script.lose(replies().to(deaf));
        expect_gives_up(script, deaf, "it hears no answer");
        let leads = || others.into_iter().find(|server| script.leads(*server));
        script.must_elect(
            NEW_LEADER,
            &format!(
                "one of servers {others:?} leads instead of server {deaf}, which hears nothing"
            ),
            || leads().is_some(),
        );
        let leader = || leads().ok_or_else(|| Chance::prevented("the new leader stays".to_owned()));
        script.must_agree(leader()?, 2)?;
        script.pass(requests());
        script.pass(replies());
        script.must_agree(leader()?, 3)
    })
}

/// All messages go past one server, and the leader is another one: it must give up, and then only that one server can be
/// elected.
pub(super) fn bridge(run: &Run) -> Summary {
    play(run, Cast::of(5), |script| {
        let (leader, _) = script.settle()?;
        let [bridge, ..] = script.others::<4>(leader);
        script.lose(requests());
        script.pass(requests().from(bridge));
        script.pass(requests().to(bridge));
        script.must_elect(
            PROGRESS,
            &format!("server {bridge} is elected: all others reach nobody but it"),
            || script.leads(bridge),
        );
        script.watch(Duration::from_millis(300));
        let term = script.term(bridge);
        Chance::unless(script.leads(bridge), "the bridge leads for a moment")?;
        let why = "all servers hear from it, though not from each other";
        script.expect_calm((bridge, term), CALM, why);
        script.must_agree(bridge, 5)
    })
}
