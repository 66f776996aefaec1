//! From what the processes of a run have said to the recording of the run.

use std::collections::{HashMap, HashSet};

use crate::commands::{Meanings, with_meanings};
use crate::event::{Event, Happening, Leg};
use crate::raw::{Claim, Moment, Raw};
use crate::recording::Recording;

/// The longest line of a node that counts, in bytes. An honest one cuts its texts.
const LONGEST_CLAIM: usize = 128 << 10;

/// What the processes of a run have said, each in lines. The judge is trusted. A node is not: it can say what its own
/// messages and saves mean, what the bytes of commands mean, and what its code logs, and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// What the judge has said.
    pub judge: Vec<u8>,
    /// What each node has said, with what it is called in the judge's events. Several can have the same name: a server
    /// has several lives.
    pub nodes: Vec<(String, Vec<u8>)>,
}

/// What messages mean: by who says so, the method, the leg and the hash of the bytes.
type Texts<'a> = HashMap<(&'a str, String, Leg, u64), String>;

/// What bytes mean that a node has encoded: by who says so, and the hash of the bytes.
type Encodings<'a> = HashMap<(&'a str, u64), String>;

/// The hashes of what an event is about.
enum Hashes {
    Nothing,
    Message(u64),
    Save { state: u64, snapshot: Option<u64> },
}

/// The events of the judge in the order of time.
struct Judged {
    events: Vec<(Event, Hashes)>,
    /// When the test began, in nanoseconds since 1970.
    began: u64,
}

impl Parts {
    /// Puts all together, in the order of time: each message with its text, and what a node logs before what it does
    /// at that time. Lines that cannot be read, or that this process may not say, are skipped and counted.
    pub fn assemble(&self) -> Recording {
        let mut skipped = 0;
        let judged = Judged::read(&self.judge, &mut skipped);
        let (mut texts, mut encodings) = (Texts::new(), Encodings::new());
        let mut logs = Vec::new();
        for (node, said) in &self.nodes {
            for line in lines(said) {
                match claim(line) {
                    Some(Claim::Text { method, leg, hash, text }) => {
                        texts.insert((node, method, leg, hash), text);
                    }
                    Some(Claim::Encoded { hash, text }) => {
                        encodings.insert((node, hash), text);
                    }
                    Some(Claim::Log { at, level, text, place }) => {
                        let what = Happening::Log { server: node.clone(), level, text, place };
                        logs.push(Event { at: judged.time(at), what });
                    }
                    Some(Claim::Interrupt { at, place, pause }) => {
                        let what = Happening::Interrupt { server: node.clone(), place, pause };
                        logs.push(Event { at: judged.time(at), what });
                    }
                    None => skipped += 1,
                }
            }
        }
        Recording { events: merge(judged.with_texts(&texts, &encodings), logs), skipped }
    }
}

impl Judged {
    fn read(said: &[u8], skipped: &mut usize) -> Self {
        let mut judged = Judged { events: Vec::new(), began: 0 };
        for line in lines(said) {
            match serde_json::from_slice(line) {
                Ok(Raw::Began { began }) => judged.began = began,
                Ok(Raw::Sent { event, hash }) => judged.events.push((event, Hashes::Message(hash))),
                Ok(Raw::Saved { event, state_hash: state, snapshot_hash: snapshot }) => {
                    judged.events.push((event, Hashes::Save { state, snapshot }));
                }
                Ok(Raw::Event(event)) => judged.events.push((event, Hashes::Nothing)),
                Err(_) => *skipped += 1,
            }
        }
        judged.events.sort_by_key(|(event, _)| event.at);
        judged.forget_calls_of_the_dead();
        judged
    }

    /// Takes out the ends of calls whose callers have crashed since: nobody learns of them.
    fn forget_calls_of_the_dead(&mut self) {
        let (mut under_way, mut dead) = (HashMap::<String, Vec<u64>>::new(), HashSet::new());
        self.events.retain(|(event, _)| match &event.what {
            Happening::Sent { call, from, leg: Leg::Request, .. } => {
                under_way.entry(from.clone()).or_default().push(*call);
                true
            }
            Happening::Crash { server } => {
                dead.extend(under_way.remove(server).unwrap_or_default());
                true
            }
            Happening::Unanswered { call, .. } => !dead.contains(call),
            _ => true,
        });
    }

    /// When a node says that something was. Nothing happens after the end.
    fn time(&self, at: Moment) -> u64 {
        let at = match at {
            Moment::Virtual(at) => at,
            Moment::Unix(time) => time.saturating_sub(self.began),
        };
        at.min(self.events.last().map_or(0, |(event, _)| event.at))
    }

    /// The events. A message and a save have the texts that their own server has said, and the commands in them those
    /// of whoever has encoded them: a leader sends what the leader before it was given.
    fn with_texts(self, texts: &Texts<'_>, encodings: &Encodings<'_>) -> Vec<Event> {
        let meanings: Meanings<'_> =
            encodings.iter().map(|((_, hash), text)| (*hash, text.as_str())).collect();
        let show = |text: &String| with_meanings(text, &meanings);
        let with_text = |(mut event, hashes): (Event, Hashes)| {
            match (&mut event.what, hashes) {
                (Happening::Sent { from, method, leg, text, .. }, Hashes::Message(hash)) => {
                    *text = texts.get(&(from.as_str(), method.clone(), *leg, hash)).map(show);
                }
                (
                    Happening::Save { server, state_text, snapshot_text, .. },
                    Hashes::Save { state, snapshot },
                ) => {
                    let own = |hash| encodings.get(&(server.as_str(), hash));
                    *state_text = own(state).map(show);
                    *snapshot_text = snapshot.and_then(own).map(show);
                }
                _ => {}
            }
            event
        };
        self.events.into_iter().map(with_text).collect()
    }
}

/// The lines that are whole. A last one without an end was cut off.
fn lines(said: &[u8]) -> impl Iterator<Item = &[u8]> {
    said.split_inclusive(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\n").unwrap_or(b"cut off"))
}

fn claim(line: &[u8]) -> Option<Claim> {
    if line.len() > LONGEST_CLAIM { None } else { serde_json::from_slice(line).ok() }
}

/// Puts the lines that nodes have logged between the events of the judge: each before the first thing that the same
/// node does at the same time, because the judge learns what a node does when the node's turn is over.
fn merge(judged: Vec<Event>, logs: Vec<Event>) -> Vec<Event> {
    let mut first: HashMap<(u64, String), usize> = HashMap::new();
    for (place, event) in judged.iter().enumerate() {
        if let Some(node) = doer(&event.what) {
            first.entry((event.at, node.to_owned())).or_insert(place);
        }
    }
    let mut all: Vec<((u64, usize, bool), Event)> = Vec::new();
    for log in logs {
        let node = log.what.server().unwrap_or_default().to_owned();
        let place = first.get(&(log.at, node)).copied().unwrap_or(usize::MAX);
        all.push(((log.at, place, false), log));
    }
    let judged = judged.into_iter().enumerate();
    all.extend(judged.map(|(place, event)| ((event.at, place, true), event)));
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, event)| event).collect()
}

/// The node that makes this happen, if one does.
fn doer(what: &Happening) -> Option<&str> {
    match what {
        Happening::Sent { from, .. } => Some(from),
        Happening::Start { .. }
        | Happening::Crash { .. }
        | Happening::Kill { .. }
        | Happening::Failure { .. } => None,
        what => what.server(),
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_CLAIM, Parts};
    use crate::event::{Event, Happening, Leg};
    use crate::raw::{Claim, Moment, Raw, hash, line};

    fn sent(at: u64, from: &str, leg: Leg) -> Vec<u8> {
        let (from, to) = (from.to_owned(), "server-9".to_owned());
        let method = "Raft.RequestVote".to_owned();
        let what =
            Happening::Sent { message: at, call: 1, leg, from, to, method, bytes: 3, text: None };
        line(&Raw::Sent { event: Event { at, what }, hash: hash(&[1, 2, 3]) })
    }

    fn text(text: &str) -> Vec<u8> {
        let (method, text) = ("Raft.RequestVote".to_owned(), text.to_owned());
        line(&Claim::Text { method, leg: Leg::Request, hash: hash(&[1, 2, 3]), text })
    }

    fn log(at: Moment, text: &str) -> Vec<u8> {
        let (level, place) = ("INFO".to_owned(), String::new());
        line(&Claim::Log { at, level, text: text.to_owned(), place })
    }

    fn note(at: u64, text: &str) -> Event {
        Event { at, what: Happening::Note { text: text.to_owned() } }
    }

    fn parts(judge: &[Vec<u8>], nodes: &[(&str, &[Vec<u8>])]) -> Parts {
        let nodes = nodes.iter().map(|(name, said)| ((*name).to_owned(), said.concat()));
        Parts { judge: judge.concat(), nodes: nodes.collect() }
    }

    fn text_of(event: &Event) -> Option<&str> {
        match &event.what {
            Happening::Sent { text, .. } => text.as_deref(),
            Happening::Log { text, .. } | Happening::Note { text } => Some(text),
            _ => None,
        }
    }

    #[test]
    fn messages_get_the_text_of_their_bytes_and_stand_in_order() {
        let judge = [
            line(&Raw::Began { began: 7 }),
            sent(3, "server-0", Leg::Request),
            sent(2, "server-0", Leg::Reply),
            line(&Raw::Event(note(1, "first"))),
            b"{\"at\":9,\"ev".to_vec(),
        ];
        let recording = parts(&judge, &[("server-0", &[text("Args { term: 1 }")])]).assemble();
        let texts: Vec<Option<&str>> = recording.events.iter().map(text_of).collect();
        assert_eq!(texts, [Some("first"), None, Some("Args { term: 1 }")]);
        assert_eq!(recording.skipped, 1);
    }

    /// A save is described by its own server, and a command in it by whoever has encoded it.
    #[test]
    fn saves_and_commands_get_the_texts_of_their_bytes() {
        let (state, command) = ([7, 7, 7, 7], [1, 2, 3, 4]);
        let what = Happening::Save {
            server: "server-0".to_owned(),
            state: 4,
            snapshot: None,
            state_text: None,
            snapshot_text: None,
        };
        let event = Event { at: 1, what };
        let judge = [line(&Raw::Saved { event, state_hash: hash(&state), snapshot_hash: None })];
        let claim =
            |bytes, text: &str| line(&Claim::Encoded { hash: hash(bytes), text: text.to_owned() });
        let own = [claim(&state, "(3, [0x01020304])")];
        let other = [claim(&command, "Get { key: 5 }"), claim(&state, "a lie")];
        let events = parts(&judge, &[("server-0", &own), ("server-1", &other)]).assemble().events;
        let Happening::Save { state_text, .. } = &events[0].what else { panic!("{events:?}") };
        assert_eq!(state_text.as_deref(), Some("(3, [Get { key: 5 }])"));
    }

    #[test]
    fn what_a_node_logs_comes_before_what_it_does_then() {
        let judge = [
            line(&Raw::Began { began: 100 }),
            sent(5, "server-1", Leg::Request),
            sent(5, "server-0", Leg::Request),
            line(&Raw::Event(note(6, "end"))),
        ];
        let said = [log(Moment::Virtual(5), "stands"), log(Moment::Unix(105), "waits")];
        let recording = parts(&judge, &[("server-0", &said)]).assemble();
        let texts: Vec<Option<&str>> = recording.events.iter().map(text_of).collect();
        assert_eq!(texts, [None, Some("stands"), Some("waits"), None, Some("end")]);
    }

    /// A caller that has crashed learns nothing.
    #[test]
    fn calls_of_the_dead_do_not_end() {
        let event = |at, what| line(&Raw::Event(Event { at, what }));
        let server = "server-0".to_owned();
        let ends = |at, call| {
            let (caller, reason) = (server.clone(), "timed out".to_owned());
            event(at, Happening::Unanswered { call, caller, reason })
        };
        let judge = [
            sent(1, "server-0", Leg::Request),
            ends(2, 1),
            event(3, Happening::Crash { server: server.clone() }),
            ends(4, 1),
        ];
        let events = parts(&judge, &[]).assemble().events;
        assert_eq!(events.iter().map(|event| event.at).collect::<Vec<_>>(), [1, 2, 3]);
    }

    /// Whatever a node says, the events of the judge are what they are without it.
    #[test]
    fn a_node_forges_nothing() {
        let judge = [sent(1, "server-0", Leg::Request), line(&Raw::Event(note(5, "end")))];
        let forged = [
            line(&Raw::Event(note(1, "forged"))),
            sent(1, "server-0", Leg::Request),
            line(&Raw::Began { began: 5 }),
            br#"{"at":1,"event":"failure","class":"c","expected":"e","seen":"s"}"#.to_vec(),
            b"\n".to_vec(),
            br#"{"log":{"at":{"virtual":1},"level":"","text":"","place":"","server":"server-0"}}"#
                .to_vec(),
            b"\n\xff\xfe\n\0\0\0\n\n[]\n{\"text\":".to_vec(),
            "[".repeat(10_000).into_bytes(),
            b"\n".to_vec(),
            text(&"x".repeat(LONGEST_CLAIM)),
            b"{\"log\":".to_vec(),
        ];
        let honest = parts(&judge, &[]).assemble();
        let attacked = parts(&judge, &[("server-1", &forged)]).assemble();
        assert_eq!(attacked.events, honest.events);
        assert_eq!(attacked.skipped, 12);
    }

    /// A node says nothing about the messages of another one, logs in its own name, and logs nothing after the end.
    #[test]
    fn a_node_speaks_of_itself() {
        let judge = [sent(1, "server-0", Leg::Request), line(&Raw::Event(note(5, "end")))];
        let said = [text("a lie"), log(Moment::Virtual(u64::MAX), "late")];
        let events = parts(&judge, &[("server-1", &said)]).assemble().events;
        assert_eq!(text_of(&events[0]), None);
        assert_eq!(events.last().map(|event| event.at), Some(5));
        let of_node = events.iter().filter_map(|event| event.what.server());
        assert_eq!(of_node.collect::<Vec<_>>(), ["server-1"]);
    }
}
