//! Recordings as the processes of a run write them: each knows a part.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::BufRead;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::event::{Event, Happening, Leg};
use crate::recording::Recording;

/// A line that a process of a run adds to the file. The judge sees bytes, and the servers and clerks know what they
/// mean; so a message is joined with its text by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Raw {
    /// A message that was sent, without its text, and the hash of its bytes.
    Sent {
        /// The event.
        #[serde(flatten)]
        event: Event,
        /// What [`hash`] returns for its bytes.
        hash: u64,
    },
    /// What bytes mean.
    Text {
        /// The method that is called.
        method: String,
        /// Whether they are arguments or a reply.
        leg: Leg,
        /// What [`hash`] returns for them.
        hash: u64,
        /// What they mean.
        text: String,
    },
    /// The first line: when the test began, in nanoseconds since 1970. On the clock, events of all processes are
    /// counted from there.
    Began {
        /// That time.
        began: u64,
    },
    /// Anything else.
    Event(Event),
}

/// The time now, in nanoseconds since 1970.
pub fn unix_time() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_nanos()).unwrap_or(u64::MAX)
}

impl Raw {
    /// The line, with its end.
    pub fn line(&self) -> Vec<u8> {
        // All of these types can be written.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

/// What stands for the bytes of a message: the same in all processes of a run.
pub fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

impl Recording {
    /// Reads what the processes of a run have written, and puts it together: in the order of time, and each message
    /// with its text. Lines that are nothing of that are skipped and counted.
    pub fn assemble(reader: impl BufRead) -> Self {
        let (mut events, mut texts, mut skipped) = (Vec::new(), HashMap::new(), 0);
        for line in reader.split(b'\n') {
            let Ok(line) = line else {
                skipped += 1;
                break;
            };
            match serde_json::from_slice(&line) {
                Ok(Raw::Text { method, leg, hash, text }) => {
                    texts.insert((method, leg, hash), text);
                }
                Ok(Raw::Began { .. }) => {}
                Ok(Raw::Sent { event, hash }) => events.push((event, Some(hash))),
                Ok(Raw::Event(event)) => events.push((event, None)),
                Err(_) => skipped += 1,
            }
        }
        events.sort_by_key(|(event, _)| event.at);
        let with_text = |(mut event, bytes): (Event, Option<u64>)| {
            if let (Happening::Sent { method, leg, text, .. }, Some(hash)) =
                (&mut event.what, bytes)
            {
                *text = texts.get(&(method.clone(), *leg, hash)).cloned();
            }
            event
        };
        Recording { events: events.into_iter().map(with_text).collect(), skipped }
    }
}

#[cfg(test)]
mod tests {
    use super::{Raw, hash};
    use crate::event::{Event, Happening, Leg};
    use crate::recording::Recording;

    fn sent(at: u64, leg: Leg) -> Raw {
        let (from, to) = ("server-0".to_owned(), "server-1".to_owned());
        let method = "Raft.RequestVote".to_owned();
        let what =
            Happening::Sent { message: at, call: 1, leg, from, to, method, bytes: 3, text: None };
        Raw::Sent { event: Event { at, what }, hash: hash(&[1, 2, 3]) }
    }

    #[test]
    fn messages_get_the_text_of_their_bytes_and_stand_in_order() {
        let text = Raw::Text {
            method: "Raft.RequestVote".to_owned(),
            leg: Leg::Request,
            hash: hash(&[1, 2, 3]),
            text: "Args { term: 1 }".to_owned(),
        };
        let note = Event { at: 1, what: Happening::Note { text: "first".to_owned() } };
        let began = Raw::Began { began: 7 };
        let lines =
            [began, sent(2, Leg::Reply), sent(3, Leg::Request), text, Raw::Event(note.clone())];
        let mut bytes: Vec<u8> = lines.iter().flat_map(Raw::line).collect();
        bytes.extend(b"nonsense\n{\"at\":9,\"ev");
        let recording = Recording::assemble(bytes.as_slice());
        assert_eq!((recording.events.len(), recording.skipped), (3, 2));
        assert_eq!(recording.events[0], note);
        let text_of = |event: &Event| match &event.what {
            Happening::Sent { text, .. } => text.clone(),
            _ => None,
        };
        assert_eq!(text_of(&recording.events[1]), None);
        assert_eq!(text_of(&recording.events[2]).as_deref(), Some("Args { term: 1 }"));
    }
}
