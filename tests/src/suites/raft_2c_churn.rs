//! 2C, continued: clients at work while servers fail and restart.

use std::thread;

use super::churn_clients::{bring_back, propose_to_all, propose_while};
use super::limits::ELECTION;
use crate::case::{Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

/// On a reliable network.
pub(super) fn reliable_churn(run: &Run) -> Summary {
    churn(run, true)
}

/// On an unreliable network.
pub(super) fn unreliable_churn(run: &Run) -> Summary {
    churn(run, false)
}

fn churn(run: &Run, reliable: bool) -> Summary {
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    cluster.set_reliable(reliable);
    propose_while(&cluster, 3, propose_to_all(&cluster), || {
        disturb(&cluster);
        thread::sleep(ELECTION);
        cluster.set_reliable(true);
        (0..5).for_each(|server| bring_back(&cluster, server));
    });
    cluster.finish()
}

/// Cuts off, restarts and crashes servers for 14 s.
fn disturb(cluster: &RaftCluster) {
    for _ in 0..20 {
        if cluster.by_chance(200, 1_000) {
            cluster.disconnect(cluster.draw(5) as usize);
        }
        if cluster.draw(1_000) < 500 {
            bring_back(cluster, cluster.draw(5) as usize);
        }
        if cluster.by_chance(200, 1_000) {
            cluster.crash_in_action(cluster.draw(5) as usize);
        }
        // Long enough for some agreements, too short for all servers to catch up.
        thread::sleep(ELECTION * 7 / 10);
    }
}
