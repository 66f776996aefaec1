//! Steps of the scenes about logs.

use std::time::Duration;

use super::script::{Chance, Script, requests};

/// How long connected servers may take until they agree.
pub(super) const AGREEMENT: Duration = Duration::from_secs(10);

/// Longer than it takes a leader to send to its followers again.
pub(super) const HEARTBEATS: Duration = Duration::from_millis(400);

/// A leader that has committed index 1 with the two others, and then accepts so many commands that nobody hears of. No
/// request passes afterwards. Returns it and the others.
pub(super) fn leader_with_tail(
    script: &Script<'_>,
    commands: usize,
) -> Result<(usize, [usize; 2]), Chance> {
    let leader = script.elect_any()?;
    script.start(leader, "common")?;
    script.await_applied(1, 3)?;
    script.lose(requests());
    for number in 1..=commands {
        script.start(leader, &format!("tail {number}"))?;
    }
    Ok((leader, script.others(leader)))
}

/// Has these servers go on alone, and then all of them.
pub(super) fn go_on_with(
    script: &Script<'_>,
    others: &[usize],
    command: &str,
) -> Result<(), Chance> {
    let leader = script.elect_among(others)?;
    script.lose(requests());
    script.pass(requests().from(others).to(others));
    let started = script.start(leader, command)?;
    script.await_applied(started.index, 2)?;
    script.pass(requests());
    script.cluster.one_with_retry("all of them have this again", script.cluster.size());
    Ok(())
}
