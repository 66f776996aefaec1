//! How many requests servers and clients have sent each other, and how many of them were answered.

use std::collections::{BTreeMap, BTreeSet};

use labrpc::{Event, EventKind, Leg};

use super::names::short_method;

/// The requests of each sender to each recipient.
#[derive(Debug, Default, Clone)]
pub(crate) struct Exchanges(BTreeMap<String, BTreeMap<String, Requests>>);

/// How often each method was called.
type Requests = BTreeMap<String, Count>;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    sent: u64,
    arrived: u64,
    answered: u64,
}

impl Exchanges {
    /// Notes what has happened to a message.
    pub(crate) fn note(&mut self, event: &Event<'_>) {
        let message = &event.message;
        match (message.leg, event.kind) {
            (Leg::Request, EventKind::Sent) => {
                self.count(message.from, message.to, message.method).sent += 1;
            }
            (Leg::Request, EventKind::Delivered) => {
                self.count(message.from, message.to, message.method).arrived += 1;
            }
            (Leg::Reply, EventKind::Delivered) => {
                self.count(message.to, message.from, message.method).answered += 1;
            }
            _ => {}
        }
    }

    fn count(&mut self, from: &str, to: &str, method: &str) -> &mut Count {
        place(place(place(&mut self.0, from), to), method)
    }

    /// How many requests of a method have reached a recipient.
    pub(crate) fn arrived(&self, to: &str, method: &str) -> u64 {
        let requests = self.0.values().filter_map(|recipients| recipients.get(to)?.get(method));
        requests.map(|count| count.arrived).sum()
    }

    /// What was sent since there was only what `before` has, between those to whom `name_of` gives names, each with the
    /// names of sender and recipient: nothing that both have the same name for. Senders of one name are taken together,
    /// and so are recipients.
    pub(crate) fn since(
        &self,
        before: &Exchanges,
        name_of: impl Fn(&str) -> Option<String>,
    ) -> Vec<Exchange> {
        let mut all: BTreeMap<(String, String), (Requests, BTreeSet<String>)> = BTreeMap::new();
        for (from, recipients) in &self.0 {
            for (to, requests) in recipients {
                let (Some(sender), Some(recipient)) = (name_of(from), name_of(to)) else {
                    continue;
                };
                if sender == recipient {
                    continue;
                }
                let earlier = before.0.get(from).and_then(|recipients| recipients.get(to));
                let (sum, recipients) = all.entry((sender, recipient)).or_default();
                for (method, now) in requests {
                    let earlier = earlier.and_then(|earlier| earlier.get(method));
                    let Count { sent, arrived, answered } = earlier.copied().unwrap_or_default();
                    if now.sent > sent {
                        recipients.insert(to.clone());
                    }
                    let count = sum.entry(method.clone()).or_default();
                    count.sent += now.sent - sent;
                    count.arrived += now.arrived - arrived;
                    count.answered += now.answered - answered;
                }
            }
        }
        all.into_iter()
            .filter(|(_, (_, recipients))| !recipients.is_empty())
            .map(|((from, to), (requests, recipients))| Exchange { from, to, requests, recipients })
            .collect()
    }
}

/// What one party has sent another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exchange {
    pub(crate) from: String,
    pub(crate) to: String,
    requests: Requests,
    /// Those of the recipient's name to whom anything was sent.
    recipients: BTreeSet<String>,
}

impl Exchange {
    /// The one to whom all requests were sent, if there are several.
    pub(crate) fn only_recipient(&self) -> Option<&str> {
        let sent: u64 = self.requests.values().map(|count| count.sent).sum();
        let first = self.recipients.first().filter(|_| sent > 1 && self.recipients.len() == 1);
        first.map(String::as_str)
    }

    /// How many of the requests were answered.
    pub(crate) fn answered(&self) -> u64 {
        self.requests.values().map(|count| count.answered.min(count.sent)).sum()
    }

    /// Such as `12 AppendEntries (11 answered)`. Says how many have arrived if not all have.
    pub(crate) fn requests(&self) -> String {
        let sent = self.requests.iter().filter(|(_, count)| count.sent > 0);
        let parts = sent.map(|(method, count)| {
            let method = short_method(method);
            // What was sent before may have arrived or been answered only now, and a request may arrive twice.
            let arrived = count.arrived.min(count.sent);
            let answered = count.answered.min(arrived);
            let arrived = match arrived {
                all if all == count.sent => String::new(),
                some => format!("{some} arrived, "),
            };
            format!("{} {method} ({arrived}{answered} answered)", count.sent)
        });
        parts.collect::<Vec<_>>().join(" and ")
    }
}

/// The value of a key, which is new if there is none yet. Only then is the key copied.
pub(super) fn place<'a, V: Default>(map: &'a mut BTreeMap<String, V>, key: &str) -> &'a mut V {
    if !map.contains_key(key) {
        map.insert(key.to_owned(), V::default());
    }
    map.get_mut(key).expect("it is there now")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was sent and answered. All of it has arrived.
    fn exchanges(counts: &[(&str, &str, &str, u64, u64)]) -> Exchanges {
        let mut exchanges = Exchanges::default();
        for (from, to, method, sent, answered) in counts {
            *exchanges.count(from, to, method) =
                Count { sent: *sent, arrived: *sent, answered: *answered };
        }
        exchanges
    }

    #[test]
    fn only_what_is_new_counts() {
        let before = exchanges(&[("a", "b", "Raft.AppendEntries", 2, 1)]);
        let now =
            exchanges(&[("a", "b", "Raft.AppendEntries", 5, 5), ("b", "a", "Raft.Vote", 0, 0)]);
        let new = now.since(&before, |name| Some(name.to_owned()));
        assert_eq!(new.len(), 1);
        assert_eq!((new[0].from.as_str(), new[0].to.as_str()), ("a", "b"));
        assert_eq!(new[0].requests(), "3 AppendEntries (3 answered)");
        assert_eq!(new[0].answered(), 3);
    }

    #[test]
    fn parties_are_taken_together() {
        let now = exchanges(&[
            ("a1", "a2", "M", 7, 7),
            ("a1", "b1", "M", 2, 0),
            ("a2", "b2", "M", 1, 1),
            ("a1", "c1", "M", 4, 4),
        ]);
        let group = |name: &str| (!name.starts_with('c')).then(|| name[..1].to_owned());
        let new = now.since(&Exchanges::default(), group);
        assert_eq!(new.len(), 1);
        assert_eq!(new[0].requests(), "3 M (1 answered)");
    }

    #[test]
    fn lost_requests_are_told() {
        let mut now = exchanges(&[("a", "b", "Raft.AppendEntries", 5, 1)]);
        now.count("a", "b", "Raft.AppendEntries").arrived = 2;
        let new = now.since(&Exchanges::default(), |name| Some(name.to_owned()));
        assert_eq!(new[0].requests(), "5 AppendEntries (2 arrived, 1 answered)");
        assert_eq!(now.arrived("b", "Raft.AppendEntries"), 2);
    }

    #[test]
    fn no_more_are_answered_than_have_arrived() {
        // One that was sent before is answered only now, and the last one is still under way.
        let mut before = exchanges(&[("a", "b", "Raft.AppendEntries", 1, 0)]);
        before.count("a", "b", "Raft.AppendEntries").arrived = 1;
        let mut now = exchanges(&[("a", "b", "Raft.AppendEntries", 6, 5)]);
        now.count("a", "b", "Raft.AppendEntries").arrived = 5;
        let new = now.since(&before, |name| Some(name.to_owned()));
        assert_eq!(new[0].requests(), "5 AppendEntries (4 arrived, 4 answered)");
    }
}
