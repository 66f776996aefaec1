//! How servers have stood for election while a test waited in vain, in words.

use std::time::{Duration, Instant};

use protocol::Term;

use super::Cluster;
use super::candidacies::Candidacy;
use super::names::{server_name, servers_in_words};
use super::service::Service;
use super::waiting::{WaitBegun, describe_heard};
use super::wire::APPEND_ENTRIES;

/// Of how many leaders that were elected meanwhile a failure tells.
const SHOWN: usize = 3;

/// How long ago a server's last RequestVote may be until a failure says so, in seconds.
const RECENT: f64 = 2.0;

/// From how many candidacies on it is worth saying that most of them had a rival.
const SEVERAL: usize = 4;

/// How long a candidacy may take at most: longer than any election timeout.
const OVERDUE: Duration = Duration::from_secs(2);

/// How soon a new leader's first AppendEntries arrive, at the latest, if it sends them at once.
const AT_ONCE: Duration = Duration::from_millis(100);

/// How long the answers to a candidate may take. What has not been answered for less is not missed yet.
const ROUND_TRIP: Duration = Duration::from_millis(100);

#[expect(private_bounds, reason = "what a service is concerns only the harness")]
impl<S: Service> Cluster<S> {
    /// How each connected server has tried to be elected since then, and who was elected.
    pub fn describe_candidacies(&self, begun: &WaitBegun) -> String {
        let connected: Vec<usize> = self.connected().collect();
        self.describe_elections_of(&connected, begun)
    }

    /// How servers have stood for election since then, and who was elected, to follow a sentence; empty if no
    /// server has stood.
    pub fn describe_elections(&self, begun: &WaitBegun) -> String {
        let stood = |server: &usize| {
            let wire = self.servers.wire();
            let last = wire.candidacies().last(&self.servers.name(*server));
            last.is_some_and(|candidacy| candidacy.last_sent() >= begun.since)
        };
        let candidates: Vec<usize> = (0..self.size()).filter(stood).collect();
        match self.describe_elections_of(&candidates, begun) {
            none if none.is_empty() => none,
            some => format!("; meanwhile {some}"),
        }
    }

    fn describe_elections_of(&self, servers: &[usize], begun: &WaitBegun) -> String {
        let rivals = self.describe_rivals(servers, begun.since);
        // Then who has answered whom explains nothing.
        let tells_votes = rivals.is_none();
        let mut parts: Vec<String> = rivals.into_iter().collect();
        parts.extend(servers.iter().map(|server| {
            self.describe_candidacy(*server, self.get_state(*server), begun, tells_votes)
        }));
        let elected = self.servers.elections.lock().elected_since(begun.since);
        if elected.is_empty()
            && tells_votes
            && let Some(refused) = self.describe_lost_elections(servers, begun.since)
        {
            parts.push(refused);
        }
        let last = elected.iter().skip(elected.len().saturating_sub(SHOWN));
        parts.extend(last.map(|(term, server, at)| {
            let first = self.describe_first_append(*server, *at);
            format!("server {server} became leader of term {term}{first}")
        }));
        parts.join("; ")
    }

    /// That the first AppendEntries of a new leader have not come, or came late, to follow a sentence; empty if they came at
    /// once. `at` is when it was seen to lead.
    fn describe_first_append(&self, leader: usize, at: Instant) -> String {
        // It may have sent them before it was asked.
        let since = at.checked_sub(AT_ONCE).unwrap_or(at);
        let name = server_name(leader);
        let first = self.servers.wire().arrivals().first_since(APPEND_ENTRIES, &name, since);
        match first.map(|first| first.saturating_duration_since(at)) {
            Some(late) if late >= AT_ONCE => format!(
                ", and its first AppendEntries arrived {:.2} s later: a new leader sends them at once (Figure 2, Leaders)",
                late.as_secs_f64()
            ),
            None if at.elapsed() >= AT_ONCE => {
                ", and no AppendEntries of it has arrived since".to_owned()
            }
            _ => String::new(),
        }
    }

    /// How a server whose state is this now has tried to be elected since then, and perhaps who has answered it.
    fn describe_candidacy(
        &self,
        server: usize,
        state: Option<(Term, bool)>,
        begun: &WaitBegun,
        tells_votes: bool,
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
        let candidacies = wire.candidacies();
        let last = candidacies.last(&name).map(Candidacy::last_sent);
        let Some(last) = last.filter(|at| *at >= begun.since) else {
            let heard = describe_heard(wire.exchanges(), &begun.exchanges, &name);
            let last = last.map_or("asked no server for its vote".to_owned(), |at| {
                format!("sent its last RequestVote {:.1} s ago", at.elapsed().as_secs_f64())
            });
            return format!("{subject} {term} and has {last}; meanwhile it was sent {heard}");
        };
        let ago = match last.elapsed().as_secs_f64() {
            ago if ago < RECENT => String::new(),
            ago => format!(" {ago:.1} s ago"),
        };
        let leads = state.is_some_and(|(_, leads)| leads);
        let votes = match leads {
            true => candidacies.last(&name),
            false => candidacies.last_older(&name, ROUND_TRIP),
        };
        let votes = votes.filter(|_| tells_votes);
        let votes = votes.map(|candidacy| self.describe_answers(candidacy)).unwrap_or_default();
        format!("{subject} {term} and sent its last RequestVotes{ago}{votes}")
    }

    /// Who has answered a candidate, to follow what it sent.
    fn describe_answers(&self, candidacy: &Candidacy) -> String {
        let (answered, unanswered) = (candidacy.asked(true), candidacy.asked(false));
        // Otherwise who the members are is the submission's affair.
        let are_all_members = self.servers.service.initial_members().is_none();
        let mut text = format!(": {} answered", servers_in_words(&answered));
        if are_all_members && answered.len() >= self.size() / 2 {
            text.push_str(" (votes or refusals), a majority together with itself");
        }
        if !unanswered.is_empty() && !answered.is_empty() {
            text.push_str(&format!(", and {} did not", servers_in_words(&unanswered)));
        }
        if are_all_members && answered.len() + unanswered.len() + 1 < self.size() {
            text.push_str("; the others were not asked");
        }
        let (time, count) = candidacy.repeats();
        if time >= OVERDUE {
            text.push_str(&format!(
                "; it has sent {count} of these requests within {:.1} s, and begun no new term: when its election timer runs \
                 out again, a candidate starts a new election (Figure 2, Candidates)",
                time.as_secs_f64()
            ));
        }
        if let Some((one, next, gap)) = candidacy.one_by_one() {
            text.push_str(&format!(
                "; it asked one after the other, {} only when the call to {} had returned, {:.1} s later",
                servers_in_words(&[next]),
                servers_in_words(&[one]),
                gap.as_secs_f64()
            ));
        }
        text
    }

    /// That a majority has answered candidates again and again, if it has: then one of them should have been elected.
    fn describe_lost_elections(&self, servers: &[usize], since: Instant) -> Option<String> {
        if self.servers.service.initial_members().is_some() {
            // Who the members are is the submission's affair.
            return None;
        }
        let wire = self.servers.wire();
        let names = servers.iter().map(|server| self.servers.name(*server));
        let needed = self.size() / 2;
        let count: usize =
            names.map(|name| wire.candidacies().count_answered(&name, needed, since)).sum();
        (count >= SEVERAL).then(|| {
            format!(
                "in {count} candidacies a majority was there to answer, and nobody was elected: are votes refused that should \
                 be granted (Figure 2, RequestVote), or not counted?"
            )
        })
    }

    /// That several servers stand at the same time again and again, if they do: each then votes for itself.
    fn describe_rivals(&self, servers: &[usize], since: Instant) -> Option<String> {
        let names: Vec<String> = servers.iter().map(|server| self.servers.name(*server)).collect();
        let (all, crossed) = self.servers.wire().candidacies().count_crossed(&names, since);
        (all >= SEVERAL && crossed * 4 >= all * 3).then(|| {
            format!(
                "in {crossed} of {all} candidacies, another server stood before it was asked for its vote: are the \
                 election timeouts random (section 5.2)?"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::super::unstarted::{call, call_with, cluster, open_request, request};
    use super::{AT_ONCE, Instant, SEVERAL};

    const VOTE: &str = "Raft.RequestVote";
    const APPEND: &str = "Raft.AppendEntries";

    #[test]
    fn who_has_answered_a_candidate_is_told() {
        let cluster = cluster(3);
        let begun = cluster.begin_to_wait();
        request(&cluster, VOTE, 1, 0);
        assert_eq!(
            cluster.describe_candidacy(1, Some((4, false)), &begun, true),
            "server 1 went from term 0 to 4 and sent its last RequestVotes: no server answered; the others were \
             not asked"
        );
        call(&cluster, VOTE, 1, 2);
        assert_eq!(
            cluster.describe_candidacy(1, Some((4, false)), &begun, true),
            "server 1 went from term 0 to 4 and sent its last RequestVotes: server 2 answered (votes or \
             refusals), a majority together with itself, and server 0 did not"
        );
    }

    #[test]
    fn elections_that_nobody_wins_are_told() {
        let cluster = cluster(3);
        let begun = cluster.begin_to_wait();
        for term in 1..SEVERAL as u8 {
            call_with(&cluster, 1, 2, VOTE, &[term]);
        }
        let servers = [0, 1, 2];
        assert_eq!(cluster.describe_lost_elections(&servers, begun.since), None, "that may happen");
        call_with(&cluster, 1, 2, VOTE, &[SEVERAL as u8]);
        let told = cluster.describe_lost_elections(&servers, begun.since).expect("nobody leads");
        assert!(
            told.starts_with("in 4 candidacies a majority was there to answer, and nobody"),
            "{told}"
        );
    }

    #[test]
    fn new_leader_that_sends_nothing_is_told() {
        let cluster = cluster(3);
        let at = Instant::now();
        assert_eq!(cluster.describe_first_append(1, at), "", "it has just become leader");
        thread::sleep(AT_ONCE);
        let none = ", and no AppendEntries of it has arrived since";
        assert_eq!(cluster.describe_first_append(1, at), none);
        call(&cluster, APPEND, 1, 2);
        let late = cluster.describe_first_append(1, at);
        assert!(late.starts_with(", and its first AppendEntries arrived 0."), "{late}");
        assert_eq!(cluster.describe_first_append(1, Instant::now()), "");
    }

    #[test]
    fn what_a_server_was_sent_that_does_not_stand_is_told() {
        let cluster = cluster(3);
        let begun = cluster.begin_to_wait();
        call(&cluster, APPEND, 0, 1);
        request(&cluster, APPEND, 0, 1);
        assert_eq!(
            cluster.describe_candidacy(1, Some((0, false)), &begun, true),
            "server 1 is still in term 0 and has asked no server for its vote; meanwhile it was sent 2 AppendEntries \
             (1 answered) by server 0"
        );
        assert_eq!(cluster.describe_candidacy(2, None, &begun, true), "server 2 is down");
        assert_eq!(cluster.describe_elections(&begun), "");
    }

    #[test]
    fn servers_that_stand_at_the_same_time_are_told() {
        let cluster = cluster(2);
        let begun = cluster.begin_to_wait();
        let stand_both = |term: u8| {
            // Each is sent before the other one arrives.
            let requests = [[0, 1], [1, 0]].map(|link| open_request(&cluster, VOTE, link, &[term]));
            requests.into_iter().for_each(|request| request.arrive(&cluster));
        };
        stand_both(1);
        assert_eq!(cluster.describe_rivals(&[0, 1], begun.since), None, "chance may do that once");
        stand_both(2);
        let told = cluster.describe_rivals(&[0, 1], begun.since).expect("four of four had a rival");
        assert!(told.starts_with("in 4 of 4 candidacies, another server stood before"), "{told}");
        assert_eq!(cluster.describe_rivals(&[0], begun.since), None, "there is no other candidate");
    }
}
