//! What is wrong with an election, and what is known of the votes.

use protocol::Term;

use super::elections::{Broken, NewLeader};
use super::names::request_in_words;
use super::servers::Servers;
use super::service::Service;
use super::two_leaders::TwoLeaders;
use crate::runner::{Class, Failure};

impl<S: Service> Servers<S> {
    /// The failure if what a server says of its state breaks a rule.
    pub(crate) fn fail_election(&self, server: usize, term: Term, broken: Broken) -> Failure {
        let number = self.number(server);
        let (expected, seen) = match broken {
            Broken::TermDecreased { before, is_restarted: true } => (
                format!(
                    "server {number} still knows term {before} after its restart: it has led that term, or answered \
                     in it (Persistent state in Figure 2)"
                ),
                format!("server {number} begins in term {term} after its restart"),
            ),
            Broken::TermDecreased { before, is_restarted: false } => (
                format!("the term of server {number} never decreases: it was {before}"),
                format!("server {number} is in term {term}{}", self.describe_last_request(server)),
            ),
            Broken::SecondLeader { first, at, led_older } => (
                format!("term {term} has at most one leader (Election Safety, Figure 3)"),
                self.describe_two_leaders(&TwoLeaders {
                    first,
                    at,
                    second: server,
                    term,
                    led_older,
                }),
            ),
        };
        Failure::new(Class::Invariant, expected, seen)
    }

    /// The request that has reached a server last, to follow a sentence; empty if none has.
    fn describe_last_request(&self, server: usize) -> String {
        let wire = self.wire();
        let last = wire.arrivals().last_to(&self.name(server));
        last.map_or_else(String::new, |(method, from)| {
            let request = request_in_words(method, from);
            format!("; the last request that has reached it is {request}")
        })
    }

    /// A leader has asked for votes, and a majority, itself included, has answered (section 5.2).
    pub(crate) fn check_votes(
        &self,
        server: usize,
        term: Term,
        leader: NewLeader,
    ) -> Result<(), Failure> {
        if self.service.initial_members().is_some() {
            // Who the members are is the submission's affair.
            return Ok(());
        }
        let answers = self.wire().voters_since(&self.name(server), leader.behind).len();
        let size = self.slots.len();
        let needed = size / 2;
        if answers >= needed {
            return Ok(());
        }
        let number = self.number(server);
        if leader.led_before {
            return Err(Failure::new(
                Class::Invariant,
                "a server that starts again is a follower (section 5.2), and leads only when it has been elected \
                 again"
                    .to_owned(),
                format!(
                    "server {number} leads term {term}, as before its restart, and {answers} other servers have \
                     answered its RequestVote since"
                ),
            ));
        }
        let older = leader.led_older.map(|older| format!(" and led term {older} before"));
        let older = older.unwrap_or_default();
        let have = |count| if count == 1 { "server has" } else { "servers have" };
        Err(Failure::new(
            Class::Invariant,
            format!(
                "a majority of the {size} servers votes for the leader of a term (section 5.2): at least \
                 {needed} others answer its RequestVote in that term"
            ),
            format!(
                "server {number} leads term {term}{older}, and {answers} other {} answered its RequestVote since \
                 it entered that term",
                have(answers)
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::RaftCluster;
    use super::super::unstarted::{call, cluster, request, restart};
    use crate::runner::Failure;

    const VOTE: &str = "Raft.RequestVote";

    fn leads(cluster: &RaftCluster, server: usize, term: u64) -> Result<(), Failure> {
        cluster.servers.observe(server, (term, true), Instant::now())
    }

    fn seen(result: Result<(), Failure>) -> String {
        result.expect_err("it breaks a rule").seen
    }

    #[test]
    fn leader_that_nobody_has_answered_is_told() {
        let cluster = cluster(5);
        request(&cluster, VOTE, 1, 0);
        call(&cluster, VOTE, 1, 2);
        assert_eq!(
            seen(leads(&cluster, 1, 1)),
            "server 1 leads term 1, and 1 other server has answered its RequestVote since it entered that term"
        );
        call(&cluster, VOTE, 3, 2);
        call(&cluster, VOTE, 3, 4);
        assert!(leads(&cluster, 3, 2).is_ok());
        assert_eq!(
            seen(leads(&cluster, 3, 3)),
            "server 3 leads term 3 and led term 2 before, and 0 other servers have answered its RequestVote since \
             it entered that term"
        );
    }

    #[test]
    fn term_that_falls_is_told_with_the_last_request() {
        let cluster = cluster(3);
        let observe = |term| cluster.servers.observe(1, (term, false), Instant::now());
        assert!(observe(3).is_ok());
        call(&cluster, "Raft.AppendEntries", 2, 1);
        assert_eq!(
            seen(observe(2)),
            "server 1 is in term 2; the last request that has reached it is AppendEntries of server 2"
        );
    }

    #[test]
    fn leader_that_goes_on_after_a_restart_is_told() {
        let cluster = cluster(3);
        call(&cluster, VOTE, 0, 2);
        assert!(leads(&cluster, 0, 1).is_ok());
        restart(&cluster, 0);
        assert_eq!(
            seen(leads(&cluster, 0, 1)),
            "server 0 leads term 1, as before its restart, and 0 other servers have answered its RequestVote since"
        );
    }
}
