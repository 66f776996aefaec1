//! What servers have done while a test waited in vain: who has stood for election, and what those that are behind
//! were sent.

use std::time::Instant;

use protocol::Term;

use super::exchanges::{Exchange, Exchanges};
use super::service::Service;
use super::{Cluster, RaftCluster};

/// Of how many leaders that were elected meanwhile a failure tells.
const SHOWN: usize = 3;

/// How long ago a server's last RequestVote may be until a failure says so, in seconds.
const RECENT: f64 = 2.0;

/// Of how many servers that are behind a failure tells what they were sent.
const SHOWN_BEHIND: usize = 2;

/// The method of messages with a snapshot.
const INSTALL_SNAPSHOT: &str = "Raft.InstallSnapshot";

/// What a cluster was like when a test began to wait.
pub struct WaitBegun {
    pub(super) since: Instant,
    /// By server, what it said last.
    terms: Vec<Term>,
    exchanges: Exchanges,
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

    /// What a server has sent another since then.
    pub(super) fn describe_sent_by(&self, from: usize, to: usize, begun: &WaitBegun) -> String {
        let [sender, recipient] = [from, to].map(|server| self.servers.name(server));
        let new =
            self.servers.wire().exchanges().since(&begun.exchanges, |party| Some(party.to_owned()));
        let sent = new.iter().find(|it| it.from == sender && it.to == recipient);
        sent.map_or("nothing".to_owned(), Exchange::requests)
    }

    /// How each connected server has tried to be elected since then, and who was elected.
    pub fn describe_candidacies(&self, begun: &WaitBegun) -> String {
        let connected: Vec<usize> = self.connected().collect();
        self.describe_elections_of(&connected, begun)
    }

    /// How servers have stood for election since then, and who was elected, to follow a sentence; empty if no
    /// server has stood.
    pub fn describe_elections(&self, begun: &WaitBegun) -> String {
        let stood = |server: &usize| {
            let last = self.servers.wire().last_candidacy(&self.servers.name(*server));
            last.is_some_and(|at| at >= begun.since)
        };
        let candidates: Vec<usize> = (0..self.size()).filter(stood).collect();
        match self.describe_elections_of(&candidates, begun) {
            none if none.is_empty() => none,
            some => format!("; meanwhile {some}"),
        }
    }

    fn describe_elections_of(&self, servers: &[usize], begun: &WaitBegun) -> String {
        let mut parts: Vec<String> = servers
            .iter()
            .map(|server| self.describe_candidacy(*server, self.get_state(*server), begun))
            .collect();
        let elected = self.servers.elections.lock().elected_since(begun.since);
        let last = elected.iter().skip(elected.len().saturating_sub(SHOWN));
        parts.extend(
            last.map(|(term, server, _)| format!("server {server} became leader of term {term}")),
        );
        parts.join("; ")
    }

    /// How a server whose state is this now has tried to be elected since then.
    fn describe_candidacy(
        &self,
        server: usize,
        state: Option<(Term, bool)>,
        begun: &WaitBegun,
    ) -> String {
        let (number, name) = (self.servers.number(server), self.servers.name(server));
        let term = match (begun.terms[server], state) {
            (_, None) => return format!("server {number} is down"),
            (old, Some((term, _))) if old == term => format!("is still in term {term}"),
            (old, Some((term, _))) => format!("went from term {old} to {term}"),
        };
        let wire = self.servers.wire();
        let restarted = wire
            .restarted(&name)
            .map(|at| format!(", which restarted {:.1} s ago,", at.elapsed().as_secs_f64()));
        let subject = format!("server {number}{}", restarted.unwrap_or_default());
        let last = wire.last_candidacy(&name);
        let Some(last) = last.filter(|at| *at >= begun.since) else {
            let heard = describe_heard(wire.exchanges(), &begun.exchanges, &name);
            let last = last.map_or("asked no server for its vote".to_owned(), |at| {
                format!("sent its last RequestVote {:.1} s ago", at.elapsed().as_secs_f64())
            });
            return format!("{subject} {term} and has {last}; meanwhile it was sent {heard}");
        };
        let ago = match last.elapsed().as_secs_f64() {
            ago if ago < RECENT => String::new(),
            ago => format!(", the last one {ago:.1} s ago"),
        };
        let replies = match wire.voters_since(&name, begun.since).as_slice() {
            [] => "no reply arrived".to_owned(),
            voters => format!("replies arrived from {}", voters.join(" and ").replace('-', " ")),
        };
        format!("{subject} {term} and has sent RequestVotes{ago}: {replies}")
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
        shown.iter().take(SHOWN_BEHIND).map(describe).collect()
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
        let snapshot = match self.saved_snapshot(server) {
            0 => String::new(),
            saved => format!("; the snapshot on its disk reaches index {saved}"),
        };
        let lack = self.describe_lack(server, None);
        format!("meanwhile server {server} was sent {heard}{installs}{snapshot}{lack}")
    }
}

/// What other servers have sent a server since they had sent only what `before` has.
fn describe_heard(now: &Exchanges, before: &Exchanges, name: &str) -> String {
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
    use super::super::unstarted::{apply, call, cluster, request};

    const VOTE: &str = "Raft.RequestVote";
    const APPEND: &str = "Raft.AppendEntries";

    #[test]
    fn who_has_answered_a_candidate_is_told() {
        let cluster = cluster(3);
        call(&cluster, VOTE, 1, 0);
        let begun = cluster.begin_to_wait();
        request(&cluster, VOTE, 1, 0);
        assert_eq!(
            cluster.describe_candidacy(1, Some((4, false)), &begun),
            "server 1 went from term 0 to 4 and has sent RequestVotes: no reply arrived"
        );
        call(&cluster, VOTE, 1, 2);
        assert_eq!(
            cluster.describe_candidacy(1, Some((4, false)), &begun),
            "server 1 went from term 0 to 4 and has sent RequestVotes: replies arrived from server 2"
        );
    }

    #[test]
    fn what_a_server_was_sent_that_does_not_stand_is_told() {
        let cluster = cluster(3);
        let begun = cluster.begin_to_wait();
        call(&cluster, APPEND, 0, 1);
        request(&cluster, APPEND, 0, 1);
        assert_eq!(
            cluster.describe_candidacy(1, Some((0, false)), &begun),
            "server 1 is still in term 0 and has asked no server for its vote; meanwhile it was sent 2 AppendEntries \
             (1 answered) by server 0"
        );
        assert_eq!(cluster.describe_candidacy(2, None, &begun), "server 2 is down");
        assert_eq!(cluster.describe_elections(&begun), "");
    }

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
