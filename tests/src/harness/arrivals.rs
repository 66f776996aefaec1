//! The requests that servers have got from each other and from clerks, with what was in them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use labrpc::{Event, EventKind, Leg, Message, MessageId};
use memchr::memmem::Finder;

use super::candidacies::REQUEST_VOTE;
use super::exchanges::place;
use super::names::is_server;

/// What is kept of requests and replies, in bytes. The oldest ones are dropped.
const KEPT: usize = 4 << 20;

/// What a request takes at least, in bytes.
const LEAST_SIZE: usize = 128;

/// How many of the last requests of one party to another are looked at for the same one.
const LOOKED_AT: usize = 16;

/// The last requests that have reached a server, and the replies to them that have arrived. The same request is kept
/// once, as long as there are few others in between.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    requests: VecDeque<Arrival>,
    /// How many older ones were dropped.
    dropped: usize,
    /// By call that has not returned, how many requests were there before its own.
    open: BTreeMap<MessageId, usize>,
    /// The same of the last requests, by sender and recipient.
    last: BTreeMap<String, BTreeMap<String, VecDeque<usize>>>,
    size: usize,
}

/// A request that has reached a server, perhaps several times.
#[derive(Debug)]
pub(crate) struct Arrival {
    /// When it arrived for the first time, and for the last time.
    pub(crate) at: Instant,
    last_at: Instant,
    pub(crate) from: String,
    to: String,
    method: String,
    bytes: Vec<u8>,
    times: usize,
    answered: usize,
    /// The reply that has arrived first, and whether all others were the same.
    reply: Option<Vec<u8>>,
    has_one_reply: bool,
}

impl Arrival {
    /// Whether a reply to it has arrived.
    pub(crate) fn is_answered(&self) -> bool {
        self.answered > 0
    }

    fn size(&self) -> usize {
        LEAST_SIZE + self.bytes.len() + self.reply.as_ref().map_or(0, Vec::len)
    }
}

impl Arrivals {
    /// Notes what has happened to a message to or from a server.
    pub(crate) fn note(&mut self, event: &Event<'_>) {
        let message = &event.message;
        match (message.leg, event.kind) {
            (Leg::Request, EventKind::Delivered) => {
                let request = self.place_of(message, event.at);
                self.open.insert(message.call, request);
                self.drop_oldest();
            }
            (Leg::Reply, EventKind::Delivered) => {
                let place = self.open.remove(&message.call);
                let place = place.and_then(|place| place.checked_sub(self.dropped));
                let Some(request) = place.and_then(|place| self.requests.get_mut(place)) else {
                    return;
                };
                request.answered += 1;
                match &request.reply {
                    Some(reply) => request.has_one_reply &= reply == message.bytes,
                    None => {
                        request.reply = Some(message.bytes.to_vec());
                        self.size += message.bytes.len();
                    }
                }
            }
            (Leg::Request, EventKind::Unanswered(_)) => {
                self.open.remove(&message.call);
            }
            _ => {}
        }
    }

    /// Where a request is kept that has arrived.
    fn place_of(&mut self, message: &Message<'_>, at: Instant) -> usize {
        let last = place(place(&mut self.last, message.from), message.to);
        for earlier in last.iter().rev() {
            let request = earlier.checked_sub(self.dropped);
            let request = request.and_then(|at| self.requests.get_mut(at));
            let is_same =
                |it: &&mut Arrival| it.method == message.method && it.bytes == message.bytes;
            if let Some(same) = request.filter(is_same) {
                same.times += 1;
                same.last_at = at;
                return *earlier;
            }
        }
        let new = self.dropped + self.requests.len();
        last.push_back(new);
        if last.len() > LOOKED_AT {
            last.pop_front();
        }
        let request = Arrival {
            at,
            last_at: at,
            from: message.from.to_owned(),
            to: message.to.to_owned(),
            method: message.method.to_owned(),
            bytes: message.bytes.to_vec(),
            times: 1,
            answered: 0,
            reply: None,
            has_one_reply: true,
        };
        self.size += request.size();
        self.requests.push_back(request);
        new
    }

    fn drop_oldest(&mut self) {
        while self.size > KEPT
            && let Some(oldest) = self.requests.pop_front()
        {
            self.size -= oldest.size();
            self.dropped += 1;
        }
    }

    /// The last request with these bytes in it that reached a server before some time; one that was answered, if any
    /// was.
    pub(crate) fn last_with(&self, bytes: &[u8], to: &str, before: Instant) -> Option<&Arrival> {
        let finder = Finder::new(bytes);
        let mut holding = self
            .requests
            .iter()
            .rev()
            .filter(|it| it.to == to && it.at < before && finder.find(&it.bytes).is_some());
        let last = holding.next()?;
        if last.is_answered() {
            return Some(last);
        }
        holding.find(|it| it.is_answered()).or(Some(last))
    }

    /// The first request of a sender to such recipients since some time to which no reply has arrived: its recipient, and
    /// when it arrived.
    pub(crate) fn first_unanswered(
        &self,
        from: &str,
        since: Instant,
        is_recipient: impl Fn(&str) -> bool,
    ) -> Option<(&str, Instant)> {
        let mut own = self
            .requests
            .iter()
            .filter(|it| it.from == from && it.at >= since && is_recipient(&it.to));
        own.find(|it| !it.is_answered()).map(|it| (it.to.as_str(), it.at))
    }

    /// The request that has reached a server last: its method and its sender.
    pub(crate) fn last_to(&self, server: &str) -> Option<(&str, &str)> {
        let own = self.requests.iter().filter(|it| it.to == server);
        own.max_by_key(|it| it.last_at).map(|it| (it.method.as_str(), it.from.as_str()))
    }

    /// The last request of a method that has reached a server: its sender, and when it arrived first.
    pub(crate) fn last_of(&self, method: &str, to: &str) -> Option<(&str, Instant)> {
        let mut own = self.requests.iter().rev().filter(|it| it.to == to && it.method == method);
        own.next().map(|it| (it.from.as_str(), it.at))
    }

    /// When the first request of a method and a sender arrived anywhere since some time.
    pub(crate) fn first_since(&self, method: &str, from: &str, since: Instant) -> Option<Instant> {
        let is_it = |it: &&Arrival| it.from == from && it.method == method && it.at >= since;
        self.requests.iter().find(is_it).map(|it| it.at)
    }

    /// The methods and senders of the different requests that reached a server between two times, those for votes excepted.
    pub(crate) fn between(&self, to: &str, [from, until]: [Instant; 2]) -> BTreeSet<(&str, &str)> {
        let is_it = |it: &&Arrival| {
            let came = |at: Instant| from <= at && at <= until;
            it.to == to && it.method != REQUEST_VOTE && (came(it.at) || came(it.last_at))
        };
        let requests = self.requests.iter().filter(is_it);
        requests.map(|it| (it.method.as_str(), it.from.as_str())).collect()
    }

    /// Whether these bytes were in any request, so that one can tell who got them.
    pub(crate) fn has_seen(&self, bytes: &[u8]) -> bool {
        let finder = Finder::new(bytes);
        self.requests.iter().any(|request| finder.find(&request.bytes).is_some())
    }

    /// Whether a request with these bytes in it has arrived from this sender.
    pub(crate) fn is_from(&self, bytes: &[u8], sender: &str) -> bool {
        let finder = Finder::new(bytes);
        self.requests.iter().any(|it| it.from == sender && finder.find(&it.bytes).is_some())
    }

    /// Whether a request of one server with these bytes in it has reached another since some time.
    pub(crate) fn has_brought(&self, bytes: &[u8], [from, to]: [&str; 2], since: Instant) -> bool {
        let finder = Finder::new(bytes);
        self.requests.iter().any(|it| {
            it.from == from
                && it.to == to
                && it.last_at >= since
                && finder.find(&it.bytes).is_some()
        })
    }

    /// How often requests with these bytes in them have arrived from such senders, and how many different requests
    /// those were.
    fn count_with(&self, bytes: &[u8], is_sender: impl Fn(&str) -> bool) -> (usize, usize) {
        let finder = Finder::new(bytes);
        let is_it = |it: &&Arrival| is_sender(&it.from) && finder.find(&it.bytes).is_some();
        let holding: Vec<&Arrival> = self.requests.iter().filter(is_it).collect();
        let mut contents: Vec<&[u8]> = holding.iter().map(|it| it.bytes.as_slice()).collect();
        contents.sort_unstable();
        contents.dedup();
        (holding.iter().map(|it| it.times).sum(), contents.len())
    }

    /// After a semicolon: that a clerk has sent a value and no server has sent it to another; empty if one has, or if that
    /// cannot be told: messages between servers must have had one of the `others` in them, and all must still be kept.
    pub(crate) fn describe_unreplicated(&self, value: &str, others: &[&str]) -> &'static str {
        let is_passed_on = |value: &&str| self.count_with(value.as_bytes(), is_server).0 > 0;
        let is_sent = self.count_with(value.as_bytes(), |sender| !is_server(sender)).0 > 0;
        if self.dropped == 0
            && is_sent
            && !is_passed_on(&value)
            && others.iter().filter(|other| !other.is_empty()).any(is_passed_on)
        {
            return "; no server has sent it to another: was it answered before it was in the log, or taken for a repeated \
                    request?";
        }
        ""
    }

    /// After a semicolon: how often clerks have sent a value, and whether that was always the same request; empty if it was
    /// sent once.
    pub(crate) fn repeats(&self, value: &str) -> String {
        match self.count_with(value.as_bytes(), |sender| !is_server(sender)) {
            (0 | 1, _) => String::new(),
            (times, 1) => format!("; its clerk sent it {times} times, always the same request"),
            (times, different) => format!(
                "; its clerk sent it {times} times, as {different} different requests: does a repetition keep its number?"
            ),
        }
    }

    /// How many requests of one server another has answered that have arrived since some time, and how many different
    /// ones they are; `None` if different replies came to the same request.
    pub(crate) fn count_different(
        &self,
        [from, to]: [&str; 2],
        since: Instant,
    ) -> (usize, Option<usize>) {
        let is_it = |it: &&Arrival| {
            it.from == from && it.to == to && it.last_at >= since && it.is_answered()
        };
        let requests: Vec<&Arrival> = self.requests.iter().filter(is_it).collect();
        let has_one_reply = requests.iter().all(|request| request.has_one_reply);
        let answered = requests.iter().map(|request| request.answered).sum();
        (answered, has_one_reply.then_some(requests.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(arrivals: &mut Arrivals, call: u64, leg: Leg, [from, to]: [&str; 2], bytes: &[u8]) {
        let id = MessageId(call);
        let message = Message { id, call: id, leg, from, to, method: "Raft.AppendEntries", bytes };
        arrivals.note(&Event { at: Instant::now(), message, kind: EventKind::Delivered });
    }

    #[test]
    fn request_that_was_answered_is_found_first() {
        let mut arrivals = Arrivals::default();
        note(&mut arrivals, 1, Leg::Request, ["a", "b"], b"..command..");
        note(&mut arrivals, 1, Leg::Reply, ["b", "a"], b"yes");
        note(&mut arrivals, 2, Leg::Request, ["c", "b"], b"..command..");
        note(&mut arrivals, 3, Leg::Request, ["c", "d"], b"..another..");
        let now = Instant::now();
        let found = arrivals.last_with(b"command", "b", now).expect("it was sent");
        assert_eq!((found.from.as_str(), found.is_answered()), ("a", true));
        assert!(arrivals.last_with(b"command", "d", now).is_none());
        assert!(arrivals.last_with(b"command", "b", found.at).is_none(), "it was not there before");
        assert!(arrivals.has_seen(b"command") && !arrivals.has_seen(b"unknown"));
        assert!(arrivals.is_from(b"another", "c") && !arrivals.is_from(b"another", "a"));
    }

    #[test]
    fn same_requests_are_kept_once() {
        let mut arrivals = Arrivals::default();
        let begun = Instant::now();
        for call in 0..10 {
            let bytes: &[u8] = if call % 2 == 0 { b"the same" } else { b"the other" };
            note(&mut arrivals, call, Leg::Request, ["a", "b"], bytes);
            note(&mut arrivals, call, Leg::Reply, ["b", "a"], b"no");
        }
        note(&mut arrivals, 10, Leg::Request, ["a", "b"], b"not answered");
        assert_eq!(arrivals.requests.len(), 3);
        assert_eq!(arrivals.count_different(["a", "b"], begun), (10, Some(2)));
        note(&mut arrivals, 11, Leg::Request, ["a", "b"], b"the same");
        note(&mut arrivals, 11, Leg::Reply, ["b", "a"], b"yes");
        assert_eq!(arrivals.count_different(["a", "b"], begun), (11, None));
        assert_eq!(arrivals.count_with(b"the", |from| from == "a"), (11, 2));
        assert_eq!(arrivals.count_with(b"the", |from| from == "b"), (0, 0));
        assert_eq!(arrivals.last_to("b"), Some(("Raft.AppendEntries", "a")));
        let last = arrivals.last_of("Raft.AppendEntries", "b").expect("some have arrived");
        assert_eq!(last.0, "a");
        assert_eq!(arrivals.last_of("Raft.InstallSnapshot", "b"), None);
        let kinds = arrivals.between("b", [begun, Instant::now()]);
        assert_eq!(Vec::from_iter(kinds), [("Raft.AppendEntries", "a")]);
        assert!(arrivals.between("a", [begun, Instant::now()]).is_empty());
    }

    #[test]
    fn value_that_no_server_has_sent_to_another_is_told() {
        let mut arrivals = Arrivals::default();
        note(&mut arrivals, 1, Leg::Request, ["client-0", "server-0"], b"first");
        note(&mut arrivals, 2, Leg::Request, ["client-0", "server-0"], b"second");
        assert_eq!(
            arrivals.describe_unreplicated("second", &["first"]),
            "",
            "nor has it the first"
        );
        note(&mut arrivals, 3, Leg::Request, ["server-0", "server-1"], b"..first..");
        assert!(!arrivals.describe_unreplicated("second", &["", "first"]).is_empty());
        assert_eq!(arrivals.describe_unreplicated("second", &[""]), "");
        assert_eq!(arrivals.describe_unreplicated("third", &["first"]), "", "no clerk has sent it");
        note(&mut arrivals, 4, Leg::Request, ["server-0", "server-1"], b"first, second");
        assert_eq!(arrivals.describe_unreplicated("second", &["first"]), "");
    }

    #[test]
    fn no_more_than_the_limit_is_kept() {
        let mut arrivals = Arrivals::default();
        let large = vec![0; KEPT / 4];
        for call in 0..10 {
            let another = [large.as_slice(), &[call as u8]].concat();
            note(&mut arrivals, call, Leg::Request, ["a", "b"], &another);
        }
        assert_eq!((arrivals.requests.len(), arrivals.dropped), (3, 7));
        note(&mut arrivals, 0, Leg::Reply, ["b", "a"], b"late");
        note(&mut arrivals, 9, Leg::Reply, ["b", "a"], b"yes");
        let answered = arrivals.requests.iter().filter(|request| request.is_answered());
        assert_eq!(answered.count(), 1);
    }

    #[test]
    fn request_without_an_answer_is_found() {
        let mut arrivals = Arrivals::default();
        note(&mut arrivals, 1, Leg::Request, ["client-0", "server-2"], b"earlier call");
        let begun = Instant::now();
        note(&mut arrivals, 2, Leg::Request, ["client-0", "server-0"], b"call");
        note(&mut arrivals, 2, Leg::Reply, ["server-0", "client-0"], b"not the leader");
        assert_eq!(arrivals.first_unanswered("client-0", begun, |_| true), None);
        note(&mut arrivals, 3, Leg::Request, ["client-0", "server-1"], b"call");
        let found = arrivals.first_unanswered("client-0", begun, |_| true);
        assert_eq!(found.map(|(server, _)| server), Some("server-1"));
    }
}
