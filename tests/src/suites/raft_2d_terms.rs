//! 2D, continued: the term of the last entry in a snapshot.

use std::time::Duration;

use super::limits::LIMIT;
use super::script::{play, requests, votes};
use super::snapshot_steps::ORDERED;
use crate::case::{Case, Run, Summary};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2D", name, title, limit: LIMIT, run }
}

pub(super) const CASES: &[Case] = &[case(
    "term_of_snapshot",
    "a server whose snapshot has emptied its log knows the term of the last entry",
    term_of_snapshot,
)];

/// How long a candidate asks for votes that it must not get.
const CANDIDACY: Duration = Duration::from_secs(3);

/// A server with an old log asks another one for its vote, whose log is empty after a snapshot. It must not get
/// it (section 5.4.1). The other way round the vote is granted, and the new leader goes on from its snapshot.
fn term_of_snapshot(run: &Run) -> Summary {
    play(run, ORDERED, |script| {
        let [leader, old, other] = script.open()?;
        script.lose(requests().to(old));
        script.lose(requests().from(old));
        for server in [leader, other] {
            script.cluster.snapshot_at(server, 5);
        }
        script.commit(leader, &[other], 2..=5)?;
        script.wait("both servers save a snapshot", || {
            [leader, other].iter().all(|server| script.cluster.saved_snapshot(*server) == 5)
        })?;
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
