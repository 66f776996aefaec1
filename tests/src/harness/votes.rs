//! What is wrong with an election, and what is known of the votes.

use protocol::Term;

use super::elections::{Broken, NewLeader};
use super::servers::Servers;
use super::service::Service;
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
                format!("server {number} is in term {term} after its restart"),
            ),
            Broken::TermDecreased { before, is_restarted: false } => (
                format!("the term of server {number} never decreases: it was {before}"),
                format!("server {number} is in term {term}"),
            ),
            Broken::SecondLeader { first, at, led_older } => {
                let mut seen =
                    format!("servers {} and {number} both lead term {term}", self.number(first));
                let [one, other] = [first, server]
                    .map(|server| (self.name(server), self.elections.lock().seen(server).behind));
                let wire = self.wire();
                let voters = wire.voters_of_both([(&one.0, one.1), (&other.0, other.1)]);
                if !voters.is_empty() {
                    let voters = voters.join(" and ").replace('-', " ");
                    seen.push_str(&format!("; both got replies to RequestVote from {voters}"));
                }
                // The first one may have restarted since it was elected.
                if wire.voters_since(&other.0, other.1).is_empty() {
                    seen.push_str(&format!(
                        "; server {number} got no reply to RequestVote since it entered the term"
                    ));
                }
                drop(wire);
                if let Some(older) = led_older {
                    seen.push_str(&format!("; server {number} led term {older} before"));
                }
                let restarted = self.elections.lock().restarted_since(at.min(one.1));
                if !restarted.is_empty() {
                    seen.push_str(&format!("; meanwhile servers {restarted:?} have restarted"));
                }
                (format!("term {term} has at most one leader (Election Safety, Figure 3)"), seen)
            }
        };
        Failure::new(Class::Invariant, expected, seen)
    }

    /// A leader has asked for votes, and a majority, itself included, has answered (section 5.2).
    pub(crate) fn check_votes(
        &self,
        server: usize,
        term: Term,
        leader: NewLeader,
    ) -> Result<(), Failure> {
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
