//! How many requests servers have sent each other, and how many of them were answered.

use std::collections::BTreeMap;

use labrpc::{Event, EventKind, Leg};

/// The requests of each sender to each recipient, by their methods.
#[derive(Debug, Default, Clone)]
pub(crate) struct Exchanges(BTreeMap<String, BTreeMap<String, BTreeMap<String, Count>>>);

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    sent: u64,
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
            (Leg::Reply, EventKind::Delivered) => {
                self.count(message.to, message.from, message.method).answered += 1;
            }
            _ => {}
        }
    }

    fn count(&mut self, from: &str, to: &str, method: &str) -> &mut Count {
        place(place(place(&mut self.0, from), to), method)
    }

    /// What a server has sent another one since some time: `before` is what it had sent until then.
    pub(crate) fn describe_since(&self, before: &Exchanges, from: &str, to: &str) -> String {
        let counts = |all: &Exchanges| {
            all.0.get(from).and_then(|sent| sent.get(to)).cloned().unwrap_or_default()
        };
        let (now, before) = (counts(self), counts(before));
        let parts: Vec<String> = now
            .iter()
            .filter_map(|(method, now)| {
                let before = before.get(method).copied().unwrap_or_default();
                let sent = now.sent - before.sent;
                // A reply to an earlier request may have arrived, too.
                let answered = (now.answered - before.answered).min(sent);
                let method = method.rsplit('.').next().unwrap_or(method);
                (sent > 0).then(|| format!("{sent} {method} ({answered} answered)"))
            })
            .collect();
        if parts.is_empty() { "nothing".to_owned() } else { parts.join(" and ") }
    }
}

/// The value of a key, which is new if there is none yet.
fn place<'a, V: Default>(map: &'a mut BTreeMap<String, V>, key: &str) -> &'a mut V {
    if !map.contains_key(key) {
        map.insert(key.to_owned(), V::default());
    }
    map.get_mut(key).expect("it is there now")
}
