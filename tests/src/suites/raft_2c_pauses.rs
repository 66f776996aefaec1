//! 2C, continued: threads and messages that are held up for seconds, as on machines that swap and on networks that
//! are overloaded.

use std::thread;
use std::time::Duration;

use labrpc::Decision;
use rand::Rng;
use rand::rngs::SmallRng;
use sim::Draws;
use sim::Naps;

use super::churn_clients::propose_while;
use super::client_traffic::release_all;
use super::limits::LIMIT;
use crate::case::{Case, Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

pub(super) const CASES: &[Case] = &[Case {
    stage: "2C",
    name: "long_pauses",
    title: "logs stay consistent while threads and messages are held up for seconds",
    limit: LIMIT,
    optional: false,
    run: long_pauses,
}];

/// How long threads and messages are held up.
const HELD_UP: Duration = Duration::from_secs(20);

/// In each server a thread pauses now and then, far shorter than a call may take.
const NAPS: Naps = Naps {
    until: HELD_UP,
    every: Duration::from_millis(200),
    longest: Duration::from_millis(1_000),
};

/// Of so many messages one is held up.
const HELD_ONE_IN: u32 = 4;

/// A message that is held up arrives once in so many rounds of [`ROUND`], on average after 1 s.
const RELEASED_ONE_IN: u64 = 20;
const ROUND: Duration = Duration::from_millis(50);

fn long_pauses(run: &Run) -> Summary {
    let cluster = RaftCluster::with_naps(5, Snapshots::Off, Some(NAPS), run);
    hold_messages(&cluster, run);
    // Each client has a server of its own.
    let propose = |server, command: &str| cluster.start(server, command);
    propose_while(&cluster, 5, propose, || {
        while cluster.elapsed() < HELD_UP {
            thread::sleep(ROUND);
            release_some(&cluster);
            if cluster.by_chance(1, 20) {
                cut_off_or_connect(&cluster);
            }
        }
        (0..5).for_each(|server| cluster.connect(server));
        cluster.network().stop_intercepting();
        thread::sleep(NAPS.longest);
        release_all(cluster.network());
    });
    cluster.finish()
}

/// From now on some messages are held.
fn hold_messages(cluster: &RaftCluster, run: &Run) {
    let mut draws = Draws::<SmallRng>::new(run.chance_of_tester("held messages"));
    cluster.network().intercept(move |_| {
        let is_held = draws.now().rng().random_ratio(1, HELD_ONE_IN) && !draws.is_plain();
        if is_held { Decision::Hold } else { Decision::Pass }
    });
}

fn release_some(cluster: &RaftCluster) {
    for message in cluster.network().held() {
        if cluster.draw(RELEASED_ONE_IN) == 0 {
            cluster.network().release(message.id);
        }
    }
}

/// Changes whether a server is connected. At least three always are.
fn cut_off_or_connect(cluster: &RaftCluster) {
    let server = cluster.draw(5) as usize;
    let connected = (0..5).filter(|server| cluster.is_connected(*server)).count();
    if !cluster.is_connected(server) {
        cluster.connect(server);
    } else if connected > 3 {
        cluster.disconnect(server);
    }
}
