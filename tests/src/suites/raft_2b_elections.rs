//! 2B, continued: whose log may lead.

use std::time::Duration;

use super::raft_2a_timers::{REQUESTS, expect_stands};
use super::script::{Cast, Script, VoteRequest, appends, play, requests, votes};
use crate::case::{Run, Summary};

/// How long a candidate that must not win asks for votes.
const CAMPAIGN: Duration = Duration::from_secs(3);

/// Longer than it takes a leader to send to its followers again.
const HEARTBEATS: Duration = Duration::from_millis(400);

/// A server whose log is shorter gets no vote, in whatever term it asks (section 5.4.1).
pub(super) fn shorter_log(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let leader = script.elect_any()?;
        let [voter, behind] = script.others(leader);
        script.start(leader, "for all")?;
        script.await_applied(1, 3)?;
        script.lose(requests().to(behind));
        script.start(leader, "for two")?;
        script.await_applied(2, 2)?;
        never_elected(script, behind, voter, "whose log ends at index 1, not at 2");
        Ok(())
    })
}

/// A server whose last entry is of an older term gets no vote, however long its log (section 5.4.1).
pub(super) fn older_log(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let old = script.elect_any()?;
        script.lose(requests());
        for command in ["lost 1", "lost 2", "lost 3"] {
            script.start(old, command)?;
        }
        let others: [usize; 2] = script.others(old);
        let new = script.elect_among(&others)?;
        let voter = if others[0] == new { others[1] } else { others[0] };
        script.pass(appends().from(new).to(voter));
        script.start(new, "kept")?;
        script.await_applied(1, 2)?;
        // It learns that its term is over, and nothing else.
        script.pass(appends().from(old).to(voter));
        script.wait("the old leader gives up", || !script.leads(old))?;
        never_elected(script, old, voter, "whose longer log ends with an entry of an older term");
        Ok(())
    })
}

/// Lets a server ask another one for its vote, in terms that are new to that one. It must not be elected.
fn never_elected(script: &Script<'_>, candidate: usize, voter: usize, why: &str) {
    script.get_ahead(candidate, &[voter]);
    script.lose(requests());
    script.pass(votes().from(candidate).to(voter));
    script.never(
        CAMPAIGN,
        &format!(
            "server {candidate}, {why}, is not elected by server {voter}: a committed entry would be lost \
             (section 5.4.1)"
        ),
        || script.leads(candidate),
    );
}

/// Servers whose logs are behind ask for votes again and again. To refuse them does not restart a timer, or nobody
/// would ever lead (section 5.2).
pub(super) fn stale_requests(run: &Run) -> Summary {
    play(run, Cast::of(5), |script| {
        let leader = script.elect_any()?;
        let [current, stale @ ..]: [usize; 4] = script.others(leader);
        script.lose(requests().to(stale));
        script.start(leader, "not for all")?;
        script.watch(HEARTBEATS);
        let is_stale =
            |request: &&VoteRequest| request.to == current && stale.contains(&request.from);
        let step = "servers with old logs stand again and again";
        let requests = script.hold_elections(step, |requests| {
            requests.iter().filter(is_stale).count() >= REQUESTS
        })?;
        let mut refused: Vec<VoteRequest> = requests.iter().filter(is_stale).copied().collect();
        refused.sort_by_key(|request| request.term);
        script.lose(appends());
        expect_stands(script, current, &refused, "because its own log is newer");
        Ok(())
    })
}
