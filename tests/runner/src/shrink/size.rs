//! How large a run is.

use recording::{Event, Happening, Recording};

/// Why messages are lost that could have arrived.
const LOSSES: [&str; 2] = ["lost", "dropped by the test"];

/// What a reader of a run has to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Size {
    /// Virtual time, in milliseconds.
    pub(super) milliseconds: u64,
    pub(super) events: usize,
    pub(super) messages: usize,
    /// Those of them that do not only say what the one before them said.
    pub(super) new_messages: usize,
    /// Crashes, partitions, and messages that are lost, held or doubled on their way.
    pub(super) faults: usize,
}

impl Size {
    /// Of a run up to its failure.
    pub(super) fn of(recording: &Recording) -> Self {
        let is_failure = |event: &Event| matches!(event.what, Happening::Failure { .. });
        let end = recording.events.iter().position(is_failure).unwrap_or(recording.events.len());
        let events = &recording.events[..end];
        let is_message = |event: &&Event| matches!(event.what, Happening::Sent { .. });
        // Before the first message, the test connects the servers one by one.
        let first = events.iter().position(|event| is_message(&event)).unwrap_or(end);
        Size {
            milliseconds: events.last().map_or(0, |event| event.at / 1_000_000),
            events: events.len(),
            messages: events.iter().filter(is_message).count(),
            new_messages: recording.new_messages(),
            faults: events[first..].iter().filter(|event| is_fault(&event.what)).count(),
        }
    }
}

fn is_fault(what: &Happening) -> bool {
    match what {
        Happening::Crash { .. } | Happening::Held { .. } | Happening::Duplicated { .. } => true,
        Happening::Network { groups } => groups.len() > 1,
        Happening::Lost { reason, .. } => LOSSES.contains(&reason.as_str()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use recording::Recording;

    use super::Size;

    #[test]
    fn a_connected_network_is_no_fault() {
        let lines = r#"
{"at":0,"event":"network","groups":[["server-0","server-1"]]}
{"at":1,"event":"sent","message":1,"call":1,"leg":"request","from":"server-0","to":"server-1","method":"x","bytes":3}
{"at":1,"event":"lost","message":1,"reason":"server gone"}
{"at":2,"event":"network","groups":[["server-0"],["server-1"]]}
{"at":2,"event":"sent","message":2,"call":2,"leg":"request","from":"server-0","to":"server-1","method":"x","bytes":3}
{"at":2,"event":"lost","message":2,"reason":"lost"}
{"at":5000000,"event":"crash","server":"server-0"}
{"at":5000000,"event":"failure","class":"c","expected":"e","seen":"s"}
{"at":6000000,"event":"crash","server":"server-1"}"#;
        let size = Size::of(&Recording::read(lines.as_bytes()));
        assert_eq!(
            size,
            Size { milliseconds: 5, events: 7, messages: 2, new_messages: 2, faults: 3 }
        );
    }
}
