//! Elections that a test decides.

use std::thread;
use std::time::Duration;

use labrpc::{Decision, Leg};

use super::expect::happens;
use super::limits::ELECTION;
use crate::harness::{KvCluster, server_name};

/// How often a test looks whether a server leads.
const POLL: Duration = Duration::from_millis(20);

/// Has a server elected: the requests of all other servers are lost until it leads, for 3 s at most. If it is not
/// elected by then, its log may be behind, and it gets time to catch up before it stands again. After five such times
/// the test goes on with whoever leads.
pub(super) fn elect(cluster: &KvCluster, candidate: usize) {
    let name = server_name(candidate);
    let servers: Vec<String> = (0..cluster.size()).map(server_name).collect();
    let leads = || cluster.get_state(candidate).is_some_and(|(_, leads)| leads);
    for _ in 0..5 {
        thread::sleep(ELECTION);
        let (name, servers) = (name.clone(), servers.clone());
        cluster.network().intercept(move |message| {
            let is_others = message.leg == Leg::Request
                && message.from != name
                && servers.iter().any(|server| server == message.from);
            Decision::drop_if(is_others)
        });
        let is_elected = happens(Duration::from_secs(3), POLL, leads);
        cluster.network().stop_intercepting();
        if is_elected {
            return;
        }
    }
}
