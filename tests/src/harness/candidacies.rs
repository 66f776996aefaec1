//! How servers have stood for election, as the network has shown it.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use labrpc::{Event, EventKind, Leg, MessageId};

use super::exchanges::place;

/// The method of requests for votes.
pub(crate) const REQUEST_VOTE: &str = "Raft.RequestVote";

/// How many candidacies of a server are kept.
const KEPT: usize = 32;

/// From when on a request was sent later than another, and not with it.
const LATER: Duration = Duration::from_millis(50);

/// The last candidacies of each server, by its name.
#[derive(Debug, Default)]
pub(crate) struct Candidacies(BTreeMap<String, VecDeque<Candidacy>>);

/// Requests for votes that belong together. A server that is sent another request than before was asked in another
/// candidacy.
#[derive(Debug)]
pub(crate) struct Candidacy {
    /// In the order in which they were sent first, at least one.
    requests: Vec<Request>,
    last_sent: Instant,
}

/// A request for one server's vote, which may be sent again.
#[derive(Debug)]
struct Request {
    to: String,
    bytes: Vec<u8>,
    calls: Vec<MessageId>,
    sent: Instant,
    arrived: Option<Instant>,
    /// When the first call returned, with an answer or without.
    returned: Option<Instant>,
    is_answered: bool,
}

impl Candidacies {
    /// Notes what has happened to a message.
    pub(crate) fn note(&mut self, event: &Event<'_>) {
        let message = &event.message;
        if message.method != REQUEST_VOTE {
            return;
        }
        match (message.leg, event.kind) {
            (Leg::Request, EventKind::Sent) => self.note_sent(event),
            (Leg::Request, EventKind::Delivered) => {
                if let Some(request) = self.find(message.from, message.call) {
                    request.arrived.get_or_insert(event.at);
                }
            }
            (Leg::Request, EventKind::Unanswered(_)) => {
                if let Some(request) = self.find(message.from, message.call) {
                    request.returned.get_or_insert(event.at);
                }
            }
            (Leg::Reply, EventKind::Delivered) => {
                if let Some(request) = self.find(message.to, message.call) {
                    request.returned.get_or_insert(event.at);
                    request.is_answered = true;
                }
            }
            _ => {}
        }
    }

    fn note_sent(&mut self, event: &Event<'_>) {
        let message = &event.message;
        let all = place(&mut self.0, message.from);
        let is_new = all.back().is_none_or(|last| {
            last.requests.iter().any(|it| it.to == message.to && it.bytes != message.bytes)
        });
        if is_new {
            all.push_back(Candidacy { requests: Vec::new(), last_sent: event.at });
            if all.len() > KEPT {
                all.pop_front();
            }
        }
        let last = all.back_mut().expect("one was added if there was none");
        last.last_sent = event.at;
        if let Some(request) = last.requests.iter_mut().find(|it| it.to == message.to) {
            request.calls.push(message.call);
            return;
        }
        last.requests.push(Request {
            to: message.to.to_owned(),
            bytes: message.bytes.to_vec(),
            calls: vec![message.call],
            sent: event.at,
            arrived: None,
            returned: None,
            is_answered: false,
        });
    }

    fn find(&mut self, candidate: &str, call: MessageId) -> Option<&mut Request> {
        let all = self.0.get_mut(candidate)?.iter_mut().rev();
        all.flat_map(|it| &mut it.requests).find(|request| request.calls.contains(&call))
    }

    /// The last candidacy of a server, in any of its lives.
    pub(crate) fn last(&self, server: &str) -> Option<&Candidacy> {
        self.0.get(server)?.back()
    }

    /// The last candidacy of a server that began so long ago, or the last one at all.
    pub(crate) fn last_older(&self, server: &str, age: Duration) -> Option<&Candidacy> {
        let all = self.0.get(server)?;
        all.iter().rev().find(|candidacy| candidacy.began().elapsed() >= age).or(all.back())
    }

    /// How many of the last candidacies of a server that have begun since some time at least so many servers have answered.
    pub(crate) fn count_answered(&self, server: &str, needed: usize, since: Instant) -> usize {
        let all = self.0.get(server).into_iter().flatten();
        let recent = all.filter(|candidacy| candidacy.began() >= since);
        recent.filter(|candidacy| candidacy.asked(true).len() >= needed).count()
    }

    /// How many of the last candidacies of these servers have begun since some time, and in how many of them another of
    /// the servers stood before the request for its vote had reached it: then neither gets the other's vote.
    pub(crate) fn count_crossed(&self, servers: &[String], since: Instant) -> (usize, usize) {
        let recent = |server: &String| {
            let all = self.0.get(server).into_iter().flatten();
            all.filter(|candidacy| candidacy.began() >= since)
        };
        let is_crossed = |server: &String, candidacy: &Candidacy| {
            let others = servers.iter().filter(|other| *other != server);
            others.flat_map(|other| recent(other).map(move |rival| (other, rival))).any(
                |(other, rival)| {
                    candidacy.crosses(rival, other) || rival.crosses(candidacy, server)
                },
            )
        };
        let mut counts = (0, 0);
        for server in servers {
            for candidacy in recent(server) {
                counts.0 += 1;
                counts.1 += usize::from(is_crossed(server, candidacy));
            }
        }
        counts
    }
}

impl Candidacy {
    fn began(&self) -> Instant {
        self.requests[0].sent
    }

    /// When the last of its requests was sent.
    pub(crate) fn last_sent(&self) -> Instant {
        self.last_sent
    }

    /// For how long it has sent its requests again, and how many requests it has sent.
    pub(crate) fn repeats(&self) -> (Duration, usize) {
        let requests = self.requests.iter().map(|request| request.calls.len()).sum();
        (self.last_sent.saturating_duration_since(self.began()), requests)
    }

    /// The servers that have answered, or those that have not.
    pub(crate) fn asked(&self, is_answered: bool) -> Vec<&str> {
        let requests = self.requests.iter().filter(|it| it.is_answered == is_answered);
        let mut servers: Vec<&str> = requests.map(|it| it.to.as_str()).collect();
        servers.sort_unstable();
        servers
    }

    /// Two servers one of which was asked only when the call to the other had returned, and how much later, if all were
    /// asked one after the other.
    pub(crate) fn one_by_one(&self) -> Option<(&str, &str, Duration)> {
        let mut slowest: Option<(&str, &str, Duration)> = None;
        for pair in self.requests.windows(2) {
            let (one, next) = (&pair[0], &pair[1]);
            let gap = next.sent.saturating_duration_since(one.sent);
            if one.returned.is_none_or(|returned| returned > next.sent) {
                return None;
            }
            if slowest.is_none_or(|(.., slower)| gap > slower) {
                slowest = Some((&one.to, &next.to, gap));
            }
        }
        slowest.filter(|(.., gap)| *gap >= LATER)
    }

    /// Whether a rival began after this candidacy, before the request for its vote reached it.
    fn crosses(&self, rival: &Candidacy, rival_name: &str) -> bool {
        let request = self.requests.iter().find(|request| request.to == rival_name);
        request.is_some_and(|request| {
            let began = rival.began();
            request.sent <= began && request.arrived.is_some_and(|arrived| began <= arrived)
        })
    }
}

#[cfg(test)]
mod tests {
    use labrpc::Message;

    use super::*;

    /// Notes what happens to calls between two parties, `ms` milliseconds after `start`.
    struct Notes {
        start: Instant,
        candidacies: Candidacies,
    }

    impl Notes {
        fn sent(&mut self, call: u64, link: [&str; 2], bytes: &[u8], ms: u64) {
            self.note(call, (Leg::Request, EventKind::Sent), link, bytes, ms);
        }

        fn arrived(&mut self, call: u64, link: [&str; 2], ms: u64) {
            self.note(call, (Leg::Request, EventKind::Delivered), link, b"", ms);
        }

        fn answered(&mut self, call: u64, [candidate, voter]: [&str; 2], ms: u64) {
            self.note(call, (Leg::Reply, EventKind::Delivered), [voter, candidate], b"yes", ms);
        }

        fn note(
            &mut self,
            call: u64,
            (leg, kind): (Leg, EventKind),
            [from, to]: [&str; 2],
            bytes: &[u8],
            ms: u64,
        ) {
            let id = MessageId(call);
            let message = Message { id, call: id, leg, from, to, method: REQUEST_VOTE, bytes };
            let at = self.start + Duration::from_millis(ms);
            self.candidacies.note(&Event { at, message, kind });
        }
    }

    fn notes() -> Notes {
        Notes { start: Instant::now(), candidacies: Candidacies::default() }
    }

    #[test]
    fn last_candidacy_has_those_that_have_answered_it() {
        let mut notes = notes();
        notes.sent(1, ["a", "b"], b"term 1", 0);
        notes.answered(1, ["a", "b"], 5);
        notes.sent(2, ["a", "b"], b"term 2", 200);
        notes.sent(3, ["a", "c"], b"term 2", 200);
        notes.sent(4, ["a", "b"], b"term 2", 250);
        notes.answered(2, ["a", "b"], 260);
        let last = notes.candidacies.last("a").expect("it has stood");
        assert_eq!(last.asked(true), ["b"]);
        assert_eq!(last.asked(false), ["c"], "a repeated request belongs to the same candidacy");
        assert_eq!(last.last_sent(), notes.start + Duration::from_millis(250));
        assert_eq!(last.repeats(), (Duration::from_millis(50), 3));
        assert_eq!(last.one_by_one(), None);
    }

    #[test]
    fn requests_one_after_the_other_are_seen() {
        let mut notes = notes();
        notes.sent(1, ["a", "b"], b"term 1", 0);
        notes.answered(1, ["a", "b"], 120);
        notes.sent(2, ["a", "c"], b"term 1", 120);
        let last = notes.candidacies.last("a").expect("it has stood");
        assert_eq!(last.one_by_one(), Some(("b", "c", Duration::from_millis(120))));
        notes.sent(3, ["a", "d"], b"term 1", 130);
        let last = notes.candidacies.last("a").expect("it has stood");
        assert_eq!(last.one_by_one(), None, "the call to c is open");
    }

    #[test]
    fn rivals_that_stand_before_they_are_asked_are_counted() {
        let mut notes = notes();
        let servers = ["a", "b"].map(str::to_owned);
        for (round, later) in [(0, 3), (1, 30)] {
            let ms = round * 1000;
            let bytes = format!("term {round}");
            let bytes = bytes.as_bytes();
            notes.sent(4 * round, ["a", "b"], bytes, ms);
            notes.arrived(4 * round, ["a", "b"], ms + 10);
            notes.sent(4 * round + 1, ["b", "a"], bytes, ms + later);
            notes.arrived(4 * round + 1, ["b", "a"], ms + later + 10);
        }
        assert_eq!(notes.candidacies.count_crossed(&servers, notes.start), (4, 2));
        let later = notes.start + Duration::from_millis(500);
        assert_eq!(notes.candidacies.count_crossed(&servers, later), (2, 0));
    }
}
