//! 2B, continued: majorities of an even number of servers.

use std::time::Duration;

use super::script::{Chance, Script, appends, requests};

/// How long a leader is watched that reaches too few others.
const WATCHED: Duration = Duration::from_secs(2);

/// Two servers of four have an entry, which is not more than half of them: it is not committed (section 5.3).
pub(super) fn half(script: &Script<'_>) -> Result<(), Chance> {
    let leader = script.elect_any()?;
    let follower = script.others::<1>(leader)[0];
    let sent = appends().from(leader).to(follower);
    script.lose(requests());
    script.pass(sent.clone());
    let started = script.start(leader, "for two of four")?;
    let answered = script.passed(&sent.clone().replies());
    script.never(
        WATCHED,
        &format!(
            "index {} is not applied: server {leader}, which has started it, reaches server {follower} alone, and \
             two servers of four are no majority (section 5.3)",
            started.index
        ),
        || script.cluster.applied_by(started.index) > 0,
    );
    Chance::unless(script.passed(&sent.replies()) > answered, "the follower has answered")
}
