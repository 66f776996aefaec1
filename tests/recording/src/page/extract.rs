//! The part of a recording that a page shows.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::text::tidy;
use crate::event::{Event, Happening};
use crate::recording::Recording;

/// The events of a page.
pub(super) struct Extract {
    /// In the order of their times.
    pub(super) events: Vec<Event>,
    /// The time of the first event after those that were left out.
    pub(super) cut: Option<u64>,
    /// How many events were left out.
    pub(super) left_out: usize,
    /// How many lines of the file were no events.
    pub(super) skipped: usize,
    /// Whether the recording holds a failure.
    pub(super) fails: bool,
    /// The page of the clients' calls.
    pub(super) timeline: Option<String>,
}

/// How much a page shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Most {
    /// The number of events.
    pub(super) events: usize,
    /// The bytes of texts before long texts are cut shorter.
    pub(super) texts: usize,
}

/// Takes at most about `most` events: those before the first failure, or before the end, and a few after
/// it. Earlier events stay where the later ones need them: the state that each server has by then, and the
/// messages that are on their way.
pub(super) fn extract(recording: &Recording, most: Most) -> Extract {
    let Most { events: most, texts } = most;
    let in_picture = |event: &&Event| !matches!(event.what, Happening::Timeline { .. });
    let mut order: Vec<&Event> = recording.events.iter().filter(in_picture).collect();
    order.sort_by_key(|event| event.at);
    let failure = order.iter().position(|event| matches!(event.what, Happening::Failure { .. }));
    let end = failure.map_or(order.len(), |place| (place + most / 10).min(order.len()));
    let begin = end.saturating_sub(most);
    let mut events: Vec<Event> = if begin == 0 {
        Vec::new()
    } else {
        needed(&order, begin, end).into_iter().map(|place| order[place].clone()).collect()
    };
    events.extend(order[begin..end].iter().map(|event| (*event).clone()));
    tidy(&mut events, texts);
    Extract {
        cut: (order.len() > events.len()).then(|| order[begin].at),
        left_out: order.len() - events.len(),
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

/// The places before `begin` of what explains the events from there to `end`.
fn needed(order: &[&Event], begin: usize, end: usize) -> BTreeSet<usize> {
    let mut latest: HashMap<(&str, &str), usize> = HashMap::new();
    for (place, event) in order[..begin].iter().enumerate() {
        let key = match &event.what {
            Happening::Run { .. } => ("run", ""),
            Happening::Network { .. } => ("network", ""),
            Happening::Start { server, .. } => ("start", server.as_str()),
            Happening::Crash { server } => ("crash", server.as_str()),
            Happening::Kill { server } => ("kill", server.as_str()),
            Happening::State { server, .. } => ("state", server.as_str()),
            _ => continue,
        };
        latest.insert(key, place);
    }
    let mut places: BTreeSet<usize> = latest.into_values().collect();
    let later = messages_of(order, begin, end);
    let early = order[..begin].iter().enumerate();
    places.extend(early.filter_map(|(place, event)| {
        event.what.message().filter(|message| later.contains(message)).map(|_| place)
    }));
    places
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

    use super::{Extract, Most};
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
        assert_eq!((whole.left_out, whole.cut), (0, None));
        assert!(whole.events.is_sorted_by_key(|event| event.at));
    }

    /// A long one keeps its last events, and of earlier ones the latest states and messages on their way.
    #[test]
    fn what_later_events_need_is_kept() {
        let recording = Recording::read(&b""[..]);
        assert!(extract(&recording, 100).events.is_empty());

        let mut recording = long(900);
        recording.events.retain(|event| !matches!(event.what, Happening::Failure { .. }));
        let part = extract(&recording, 100);
        let early: Vec<u64> =
            part.events.iter().map(|event| event.at).take_while(|at| *at < 10).collect();
        assert_eq!(early, [0, 1, 3, 4]);
        assert_eq!(part.events.len(), 104);
        assert_eq!(part.left_out + part.events.len(), recording.events.len());
        assert_eq!(part.cut, Some(911));
    }

    /// The failure stays, with a few events after it, however long the recording goes on.
    #[test]
    fn the_failure_is_never_left_out() {
        for failure_after in [0, 5, 500, 999] {
            let part = extract(&long(failure_after), 100);
            let failure = |event: &crate::Event| matches!(event.what, Happening::Failure { .. });
            assert!(part.events.iter().any(failure), "{failure_after}");
            assert!(part.events.len() <= 110);
        }
    }
}
