//! What servers that are behind were sent while a test waited in vain.

use std::time::Instant;

use protocol::Term;

use super::exchanges::{Exchange, Exchanges};
use super::service::Service;
use super::wire::INSTALL_SNAPSHOT;
use super::{Cluster, RaftCluster};

/// Of how many servers that are behind a failure tells what they were sent.
const SHOWN_BEHIND: usize = 2;

/// What a cluster was like when a test began to wait.
pub struct WaitBegun {
    pub(super) since: Instant,
    /// By server, what it said last.
    pub(super) terms: Vec<Term>,
    pub(super) exchanges: Exchanges,
}

#[expect(private_bounds, reason = "what a service is concerns only the harness")]
impl<S: Service> Cluster<S> {
    /// What the cluster is like now, to tell later what has happened since. Asks no server.
    pub fn begin_to_wait(&self) -> WaitBegun {
        let elections = self.servers.elections.lock();
        let terms = (0..self.size()).map(|server| elections.seen(server).term).collect();
        drop(elections);
        let exchanges = self.servers.wire().exchanges().clone();
        WaitBegun { since: Instant::now(), terms, exchanges }
    }

    /// What a leader has sent each of the others since then.
    pub fn describe_sent_by_leader(&self, leader: usize, begun: &WaitBegun) -> String {
        let followers = (0..self.size()).filter(|server| *server != leader);
        let sent =
            |server| format!("{} to server {server}", self.describe_sent_by(leader, server, begun));
        followers.map(sent).collect::<Vec<_>>().join(", ")
    }

    /// What a server has sent another since then.
    pub(super) fn describe_sent_by(&self, from: usize, to: usize, begun: &WaitBegun) -> String {
        let [sender, recipient] = [from, to].map(|server| self.servers.name(server));
        let new =
            self.servers.wire().exchanges().since(&begun.exchanges, |party| Some(party.to_owned()));
        let sent = new.iter().find(|it| it.from == sender && it.to == recipient);
        sent.map_or("nothing".to_owned(), Exchange::requests)
    }
}

impl RaftCluster {
    /// What connected servers that are behind have been sent since then, and the snapshots on their disks, to follow
    /// a sentence. If none is behind, the same of those that do not lead.
    pub fn describe_behind(&self, begun: &WaitBegun) -> String {
        let newest = self.servers.service.ledger.lock().last_committed();
        let followers: Vec<usize> = self
            .connected()
            .filter(|server| self.get_state(*server).is_some_and(|(_, leads)| !leads))
            .collect();
        let mut behind = followers.clone();
        behind.retain(|server| self.last_applied(*server) < newest);
        let shown = if behind.is_empty() { followers } else { behind };
        let describe = |server: &usize| format!("; {}", self.describe_sent(*server, begun));
        let sent: String = shown.iter().take(SHOWN_BEHIND).map(describe).collect();
        let leaders = self
            .connected()
            .filter(|server| self.get_state(*server).is_some_and(|(_, leads)| leads));
        let lost: String = leaders.map(|leader| self.describe_lost_entry(leader)).collect();
        format!("{sent}{lost}")
    }

    /// How far a server has applied the log, what it has been sent since then, and the snapshot on its disk.
    pub fn describe_progress(&self, server: usize, begun: &WaitBegun) -> String {
        let applied = self.servers.service.ledger.lock().describe(server);
        format!("{applied}; {}", self.describe_sent(server, begun))
    }

    fn describe_sent(&self, server: usize, begun: &WaitBegun) -> String {
        let name = self.servers.name(server);
        let wire = self.servers.wire();
        let heard = describe_heard(wire.exchanges(), &begun.exchanges, &name);
        let installs = match wire.exchanges().arrived(&name, INSTALL_SNAPSHOT) {
            0 => String::new(),
            count => format!("; InstallSnapshots that have reached it in this test: {count}"),
        };
        drop(wire);
        let snapshot = self.describe_snapshot(server);
        let ignored = self.describe_ignored_snapshot(server);
        let lack = self.describe_lack(server, None, None);
        format!("meanwhile server {server} was sent {heard}{installs}{snapshot}{ignored}{lack}")
    }
}

/// What other servers have sent a server since they had sent only what `before` has.
pub(super) fn describe_heard(now: &Exchanges, before: &Exchanges, name: &str) -> String {
    let new = now.since(before, |party| Some(party.to_owned()));
    let heard: Vec<String> = new
        .iter()
        .filter(|exchange| exchange.to == name)
        .map(|exchange| format!("{} by {}", exchange.requests(), exchange.from.replace('-', " ")))
        .collect();
    if heard.is_empty() { "nothing".to_owned() } else { heard.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::super::unstarted::{apply, cluster, request};

    #[test]
    fn how_far_a_server_has_come_is_told() {
        let cluster = cluster(3);
        apply(&cluster, 1, "x");
        let begun = cluster.begin_to_wait();
        assert_eq!(
            cluster.describe_progress(1, &begun),
            "server 1 has applied up to index 1; meanwhile server 1 was sent nothing"
        );
        request(&cluster, "Raft.InstallSnapshot", 0, 2);
        assert_eq!(
            cluster.describe_progress(2, &begun),
            "server 2 has applied nothing; meanwhile server 2 was sent 1 InstallSnapshot (0 answered) by server 0; \
             InstallSnapshots that have reached it in this test: 1"
        );
    }
}
