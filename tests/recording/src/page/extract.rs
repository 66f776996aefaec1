//! The part of a recording that a page shows.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Serialize;

use super::text::tidy;
use crate::event::{Event, Happening};
use crate::recording::Recording;

/// The events of a page.
pub(super) struct Extract {
    /// In the order of their times.
    pub(super) events: Vec<Event>,
    /// Where events are left out before the end.
    pub(super) gap: Option<Gap>,
    /// How many events after the last one were left out.
    pub(super) after: usize,
    /// How many lines of the file were no events.
    pub(super) skipped: usize,
    /// Whether the recording holds a failure.
    pub(super) fails: bool,
    /// The page of the clients' calls.
    pub(super) timeline: Option<String>,
}

/// Events that are left out between the beginning and the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Gap {
    /// The place of the first event of the end.
    pub(super) place: usize,
    /// How many are left out.
    pub(super) count: usize,
}

/// How much a page shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Most {
    /// The number of events.
    pub(super) events: usize,
    /// The bytes of texts before long texts are cut shorter.
    pub(super) texts: usize,
}

/// Takes at most about `most` events: a fifth of them are the first ones, where an endless exchange begins, and the
/// others those before the first failure, or before the end, with a few after it. Of the events between, those stay
/// that the others need: the state that each server has by then, and the messages that are on their way.
pub(super) fn extract(recording: &Recording, most: Most) -> Extract {
    let Most { events: most, texts } = most;
    let in_picture = |event: &&Event| !matches!(event.what, Happening::Timeline { .. });
    let mut order: Vec<&Event> = recording.events.iter().filter(in_picture).collect();
    order.sort_by_key(|event| event.at);
    let failure = order.iter().position(|event| matches!(event.what, Happening::Failure { .. }));
    let end = failure.map_or(order.len(), |place| (place + most / 10).min(order.len()));
    let places: Vec<usize> = if end <= most {
        (0..end).collect()
    } else {
        let (head, begin) = (most / 5, end - (most - most / 5));
        let between = needed(&order, head, begin, end);
        (0..head).chain(between).chain(begin..end).collect()
    };
    let mut events: Vec<Event> = places.iter().map(|place| order[*place].clone()).collect();
    tidy(&mut events, texts);
    let gap =
        Gap { place: events.len().saturating_sub(most - most / 5), count: end - events.len() };
    Extract {
        gap: (gap.count > 0).then_some(gap),
        after: order.len() - end,
        skipped: recording.skipped,
        fails: failure.is_some(),
        timeline: recording.events.iter().find_map(timeline),
        events,
    }
}

fn timeline(event: &Event) -> Option<String> {
    match &event.what {
        Happening::Timeline { html } => Some(html.clone()),
        _ => None,
    }
}

/// The places from `head` to `begin` of what explains the events before and from `begin` to `end`.
fn needed(order: &[&Event], head: usize, begin: usize, end: usize) -> BTreeSet<usize> {
    let mut latest: HashMap<(&str, &str), usize> = HashMap::new();
    for (place, event) in order[..begin].iter().enumerate() {
        let key = match &event.what {
            Happening::Network { .. } => ("network", ""),
            Happening::Start { server, .. } => ("start", server.as_str()),
            Happening::Crash { server } => ("crash", server.as_str()),
            Happening::Kill { server } => ("kill", server.as_str()),
            Happening::State { server, .. } => ("state", server.as_str()),
            Happening::Run { .. } => ("run", ""),
            _ => continue,
        };
        latest.insert(key, place);
    }
    let mut places: BTreeSet<usize> = latest.into_values().collect();
    let later = messages_of(order, begin, end);
    let mut open = Open::before(&order[..head]);
    for (place, event) in order[..begin].iter().enumerate() {
        let is_later = event.what.message().is_some_and(|message| later.contains(&message));
        if is_later || place >= head && open.takes(event) {
            places.insert(place);
        }
    }
    places.retain(|place| *place >= head);
    places
}

/// The calls that have begun before the events that are left out, with all their messages.
struct Open {
    calls: HashSet<u64>,
    messages: HashSet<u64>,
}

impl Open {
    fn before(events: &[&Event]) -> Self {
        let mut open = Open { calls: HashSet::new(), messages: HashSet::new() };
        for event in events {
            if let Happening::Sent { call, message, .. } = event.what {
                open.calls.insert(call);
                open.messages.insert(message);
            } else {
                open.takes(event);
            }
        }
        open
    }

    /// Whether an event belongs to one of these calls.
    fn takes(&mut self, event: &Event) -> bool {
        match event.what {
            Happening::Sent { call, message, .. } if self.calls.contains(&call) => {
                self.messages.insert(message);
                true
            }
            Happening::Duplicated { message, of } if self.messages.contains(&of) => {
                self.messages.insert(message);
                true
            }
            Happening::Unanswered { call, .. } => self.calls.contains(&call),
            _ => event.what.message().is_some_and(|message| self.messages.contains(&message)),
        }
    }
}

/// The messages of the events from `begin` to `end`, with the originals of copies and the requests of
/// replies.
fn messages_of(order: &[&Event], begin: usize, end: usize) -> HashSet<u64> {
    let mut found = HashSet::new();
    let mut calls = HashSet::new();
    for event in &order[begin..end] {
        found.extend(event.what.message());
        match event.what {
            Happening::Duplicated { of, .. } => found.extend([of]),
            Happening::Sent { call, .. } | Happening::Unanswered { call, .. } => {
                calls.extend([call]);
            }
            _ => {}
        }
    }
    for event in &order[..begin] {
        match event.what {
            Happening::Sent { message, call, .. } if calls.contains(&call) => {
                found.extend([message])
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::{Extract, Gap, Most};
    use crate::event::Happening;
    use crate::recording::Recording;

    fn extract(recording: &Recording, events: usize) -> Extract {
        super::extract(recording, Most { events, texts: 1 << 30 })
    }

    fn long(failure_after: usize) -> Recording {
        let mut lines = r#"{"at":0,"event":"run","test":"t","title":"","seed":"1","clock":"sim"}
{"at":1,"event":"start","server":"server-0","life":1}
{"at":2,"event":"state","server":"server-0","term":1,"leads":true}
{"at":3,"event":"state","server":"server-0","term":2,"leads":true}
{"at":4,"event":"sent","message":7,"call":7,"leg":"request","from":"server-0","to":"server-1","method":"m","bytes":1}
{"at":4,"event":"sent","message":8,"call":8,"leg":"request","from":"server-0","to":"server-1","method":"m","bytes":1}
"#
        .to_owned();
        for at in 10..1010 {
            if at == 10 + failure_after {
                lines.push_str(
                    r#"{"at":10,"event":"failure","class":"c","expected":"e","seen":"s"}"#,
                );
                lines.push('\n');
            }
            let _ = writeln!(lines, r#"{{"at":{at},"event":"note","text":"n"}}"#);
        }
        lines = lines.replace(
            r#""at":10,"event":"failure""#,
            &format!("\"at\":{},\"event\":\"failure\"", 10 + failure_after),
        );
        lines.push_str("{\"at\":2000,\"event\":\"delivered\",\"message\":7}\n");
        Recording::read(lines.as_bytes())
    }

    /// A short recording is shown as a whole, in the order of time.
    #[test]
    fn short_recordings_stay_whole() {
        let recording = long(900);
        let whole = extract(&recording, 10_000);
        assert_eq!(whole.events.len(), recording.events.len());
        assert_eq!((whole.gap, whole.after), (None, 0));
        assert!(whole.events.is_sorted_by_key(|event| event.at));
    }

    /// A long one keeps its first and its last events, and of those between what the others need: the fate of message 7
    /// from the beginning, the last state, and a call of the end.
    #[test]
    fn the_beginning_the_end_and_what_they_need_are_kept() {
        let recording = Recording::read(&b""[..]);
        assert!(extract(&recording, 100).events.is_empty());

        let mut recording = long(900);
        recording.events.retain(|event| !matches!(event.what, Happening::Failure { .. }));
        let line = |line: &str| serde_json::from_str(line).unwrap();
        recording.events.push(line(r#"{"at":500,"event":"delivered","message":8}"#));
        recording.events.push(line(
            r#"{"at":501,"event":"unanswered","call":8,"caller":"server-0","reason":""}"#,
        ));
        recording.events.push(line(r#"{"at":502,"event":"sent","message":9,"call":9,"leg":"request","from":"a","to":"b","method":"m","bytes":1}"#));
        recording
            .events
            .push(line(r#"{"at":503,"event":"state","server":"server-0","term":3,"leads":true}"#));
        recording
            .events
            .push(line(r#"{"at":1500,"event":"unanswered","call":9,"caller":"a","reason":""}"#));
        let part = extract(&recording, 100);
        let times: Vec<u64> = part.events.iter().map(|event| event.at).collect();
        assert_eq!(times[..6], [0, 1, 2, 3, 4, 4]);
        assert_eq!(times[18..26], [22, 23, 500, 501, 502, 503, 932, 933]);
        assert_eq!((times.len(), times.last()), (104, Some(&2000)));
        let gap = Gap { place: 24, count: recording.events.len() - 104 };
        assert_eq!((part.gap, part.after), (Some(gap), 0));
    }

    /// The failure stays, with a few events after it, however long the recording goes on.
    #[test]
    fn the_failure_is_never_left_out() {
        for failure_after in [0, 5, 500, 999] {
            let part = extract(&long(failure_after), 100);
            let failure = |event: &crate::Event| matches!(event.what, Happening::Failure { .. });
            assert!(part.events.iter().any(failure), "{failure_after}");
            assert!(part.events.len() <= 111, "{}", part.events.len());
        }
    }
}
