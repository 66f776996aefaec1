//! Two servers lead the same term: what is known of the votes.

use std::time::Instant;

use protocol::Term;

use super::names::{request_in_words, servers_in_words};
use super::servers::Servers;
use super::service::Service;
use super::wire::Wire;

/// From how many kinds of requests on it explains nothing that a voter has got them.
const MANY_KINDS: usize = 4;

/// A server says that it leads a term that another one has led. Servers are counted from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TwoLeaders {
    /// Who was seen to lead the term first, and when.
    pub(crate) first: usize,
    pub(crate) at: Instant,
    pub(crate) second: usize,
    pub(crate) term: Term,
    /// The older term that the second one led when it was last asked, if it did.
    pub(crate) led_older: Option<Term>,
}

impl<S: Service> Servers<S> {
    /// Who has answered both, whether with the same reply, and what has happened to them in between.
    pub(crate) fn describe_two_leaders(&self, leaders: &TwoLeaders) -> String {
        let TwoLeaders { first, at, second, term, led_older } = *leaders;
        let [one, other] = [first, second]
            .map(|server| (self.name(server), self.elections.lock().seen(server).behind));
        let numbers = [first, second].map(|server| self.number(server));
        let mut text = format!("servers {} and {} both lead term {term}", numbers[0], numbers[1]);
        let wire = self.wire();
        let of_both = wire.voters_of_both([(&one.0, one.1), (&other.0, other.1)]);
        let of_second = wire.voters_since(&other.0, other.1);
        let is_same = |voter: &&str| {
            let [one, other] = [&one.0, &other.0].map(|candidate| wire.vote(voter, candidate));
            one.map(|(_, reply)| reply) == other.map(|(_, reply)| reply)
        };
        let (same, different): (Vec<&str>, Vec<&str>) = of_both.iter().partition(|it| is_same(it));
        if let [voter, ..] = same.as_slice() {
            text.push_str(&format!(
                "; both got the same reply to RequestVote from {}{}",
                servers_in_words(&same),
                describe_between(&wire, voter, [&one.0, &other.0])
            ));
        } else if !different.is_empty() {
            text.push_str(&format!(
                "; both got replies to RequestVote from {}, and not the same ones: is one of two a refusal, and counted \
                 as a vote?",
                servers_in_words(&different)
            ));
        }
        // If it is a vote, it is like the others that the second one got.
        let reply_of = |voter: &str| wire.vote(voter, &other.0).map(|(_, reply)| reply);
        let is_vote = match same.as_slice() {
            [] => of_both.is_empty(),
            [voter, ..] => reply_of(&one.0) == reply_of(voter),
        };
        if of_second.contains(&one.0.as_str()) && is_vote {
            text.push_str(&format!(
                "; server {} itself, which led the term, answered a RequestVote of server {}",
                numbers[0], numbers[1]
            ));
        }
        // The first one may have restarted since it was elected.
        if of_second.is_empty() {
            text.push_str(&format!(
                "; server {} got no reply to RequestVote since it entered the term",
                numbers[1]
            ));
        }
        drop(wire);
        if let Some(older) = led_older {
            text.push_str(&format!("; server {} led term {older} before", numbers[1]));
        }
        let restarted = self.elections.lock().restarted_since(at.min(one.1));
        if !restarted.is_empty() {
            text.push_str(&format!("; meanwhile servers {restarted:?} have restarted"));
        }
        text
    }
}

/// Which requests have reached a voter between its replies to two candidates; empty if none has, or many.
fn describe_between(wire: &Wire, voter: &str, candidates: [&str; 2]) -> String {
    let [Some(one), Some(other)] = candidates.map(|candidate| wire.vote(voter, candidate)) else {
        return String::new();
    };
    let times = [one.0.min(other.0), one.0.max(other.0)];
    let kinds = wire.arrivals().between(voter, times);
    if kinds.is_empty() || kinds.len() >= MANY_KINDS {
        return String::new();
    }
    let kinds: Vec<String> =
        kinds.iter().map(|(method, from)| request_in_words(method, from)).collect();
    format!(", which got {} between the two", kinds.join(" and "))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::RaftCluster;
    use super::super::unstarted::{answered_call, call, cluster, restart};

    const VOTE: &str = "Raft.RequestVote";
    const INSTALL: &str = "Raft.InstallSnapshot";

    /// Server 0 leads term 1, and then server 1 says the same. Returns what is said of it.
    fn seen(cluster: &RaftCluster, in_between: impl Fn(&RaftCluster)) -> String {
        call(cluster, VOTE, 0, 2);
        assert!(cluster.servers.observe(0, (1, true), Instant::now()).is_ok());
        in_between(cluster);
        let observed = cluster.servers.observe(1, (1, true), Instant::now());
        observed.expect_err("there are two").seen
    }

    #[test]
    fn voter_of_both_leaders_is_named() {
        let votes_again = |cluster: &RaftCluster| {
            call(cluster, VOTE, 1, 2);
            restart(cluster, 2);
        };
        assert_eq!(
            seen(&cluster(3), votes_again),
            "servers 0 and 1 both lead term 1; both got the same reply to RequestVote from server 2; \
             meanwhile servers [2] have restarted"
        );
    }

    #[test]
    fn what_came_between_two_votes_is_told() {
        let installs = |cluster: &RaftCluster| {
            call(cluster, INSTALL, 0, 2);
            call(cluster, VOTE, 1, 2);
        };
        let told = seen(&cluster(3), installs);
        let between = "the same reply to RequestVote from server 2, which got InstallSnapshot of server 0 between the two";
        assert!(told.ends_with(between), "{told}");
    }

    #[test]
    fn refusal_that_may_count_is_told() {
        let refuses = |cluster: &RaftCluster| {
            answered_call(cluster, VOTE, [1, 2], b"no");
            answered_call(cluster, VOTE, [1, 0], b"no");
        };
        let told = seen(&cluster(3), refuses);
        let refusal =
            "from server 2, and not the same ones: is one of two a refusal, and counted as a vote?";
        assert!(told.ends_with(refusal), "{told}");
    }

    #[test]
    fn leader_that_votes_for_another_is_told() {
        let votes = |cluster: &RaftCluster| call(cluster, VOTE, 1, 0);
        assert!(seen(&cluster(3), votes).ends_with(
            "; server 0 itself, which led the term, answered a RequestVote of server 1"
        ));
    }

    #[test]
    fn leader_that_nobody_has_voted_for_is_told_from_one_of_two() {
        assert_eq!(
            seen(&cluster(3), |_| ()),
            "servers 0 and 1 both lead term 1; server 1 got no reply to RequestVote since it entered the term"
        );
    }
}
