//! Schedules that chance may prevent.

use std::time::{Duration, Instant};

use crate::case::{Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

/// How many clusters are tried.
const ATTEMPTS: u32 = 10;

/// After this time no further cluster is tried.
const PATIENCE: Duration = Duration::from_secs(50);

/// Plays a schedule, in one new cluster of `size` servers after the other, until it says that it has come to
/// its end: election timeouts are random, and how servers ask for votes is up to the solution. If it never
/// does, nothing is shown, and the test passes.
pub(super) fn play(run: &Run, size: usize, schedule: impl Fn(&RaftCluster) -> bool) -> Summary {
    let begun = Instant::now();
    let mut attempt = 0;
    loop {
        let run = Run { seed: run.seed.derive(&format!("attempt {attempt}")) };
        let cluster = RaftCluster::new(size, Snapshots::Off, &run);
        let is_played = schedule(&cluster);
        let summary = cluster.finish();
        attempt += 1;
        if is_played || attempt == ATTEMPTS || begun.elapsed() > PATIENCE {
            return summary;
        }
    }
}
