//! The events of a recording.

use serde::{Deserialize, Serialize};

/// Something that happened at one moment of a run. As JSON it is one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened, in nanoseconds since the test began.
    pub at: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: Happening,
}

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Leg {
    /// From the caller to the server that is to answer.
    Request,
    /// From that server back to the caller.
    Reply,
}

/// What can happen in a run. Servers have names such as `server-0`, clients such as `client-3` or `clerk`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
#[expect(missing_docs, reason = "the docs of a variant explain its fields")]
pub enum Happening {
    /// The first event: the test, what it claims, and what decided the run.
    Run { test: String, title: String, seed: String, clock: String },
    /// A process of the server starts; its lives count from 1.
    Start { server: String, life: u64 },
    /// The server's process is ended.
    Crash { server: String },
    /// `kill()` is called on the server; its process goes on.
    Kill { server: String },
    /// From now on the servers of one group reach each other, and nobody else.
    Network { groups: Vec<Vec<String>> },
    /// The server's term, or whether it leads, has changed to this.
    State { server: String, term: u64, leads: bool },
    /// A message is sent. A reply has its own `message`, and the `call` of its request.
    Sent {
        message: u64,
        call: u64,
        leg: Leg,
        from: String,
        to: String,
        method: String,
        bytes: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// The message arrives.
    Delivered { message: u64 },
    /// The message will never arrive.
    Lost { message: u64, reason: String },
    /// The message waits in the network until it is released.
    Held { message: u64 },
    /// The message, held until now, goes on.
    Released { message: u64 },
    /// The network makes `message`, a copy of the message `of`.
    Duplicated { message: u64, of: u64 },
    /// The call ends for its caller without a reply, for this reason.
    Unanswered { call: u64, caller: String, reason: String },
    /// The server saves; `state` and `snapshot` are the bytes on its disk. The texts say what is in the state, and in the
    /// snapshot if it is new.
    Save {
        server: String,
        state: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        snapshot: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state_text: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        snapshot_text: Option<String>,
    },
    /// The server hands a committed command to its service.
    Apply { server: String, index: u64, command: String },
    /// The service takes a snapshot that Raft hands to it.
    Install { server: String, index: u64 },
    /// The service makes a snapshot of everything up to this index.
    Snapshot { server: String, index: u64 },
    /// The test starts a command; without index and term the server has refused.
    Propose {
        server: String,
        command: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        index: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        term: Option<u64>,
    },
    /// A client begins its operation of this number.
    Call { client: String, number: u64, operation: String },
    /// That operation of the client ends.
    Return { client: String, number: u64, value: String },
    /// Anything else that the test does.
    Note { text: String },
    /// A line that the code of the server logs, and the place in the code.
    Log { server: String, level: String, text: String, place: String },
    /// A thread of the server is interrupted for `pause` nanoseconds at least, at a place in the code.
    Interrupt { server: String, place: String, pause: u64 },
    /// Of `of` runs that go on with other choices from here, so many fail in the same way.
    Likelihood { failed: u64, of: u64 },
    /// A page that shows the calls of all clients, and why no order of them explains the answers.
    Timeline { html: String },
    /// What the failure depends on, in sentences; it stands where the failure has become likely.
    Cause { sentences: Vec<String> },
    /// The test fails: what it expected, what it saw, and a table as text.
    Failure {
        class: String,
        expected: String,
        seen: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        server: Option<String>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        details: String,
    },
}

impl Happening {
    /// The server in which this happens, unless it happens elsewhere or to a message.
    pub(crate) fn server(&self) -> Option<&str> {
        match self {
            Self::Start { server, .. }
            | Self::Crash { server }
            | Self::Kill { server }
            | Self::State { server, .. }
            | Self::Save { server, .. }
            | Self::Apply { server, .. }
            | Self::Install { server, .. }
            | Self::Snapshot { server, .. }
            | Self::Propose { server, .. }
            | Self::Log { server, .. }
            | Self::Interrupt { server, .. } => Some(server),
            Self::Failure { server, .. } => server.as_deref(),
            _ => None,
        }
    }

    /// The message to which this happens.
    pub(crate) fn message(&self) -> Option<u64> {
        match self {
            Self::Sent { message, .. }
            | Self::Delivered { message }
            | Self::Lost { message, .. }
            | Self::Held { message }
            | Self::Released { message }
            | Self::Duplicated { message, .. } => Some(*message),
            _ => None,
        }
    }

    /// All texts and names in it.
    pub(crate) fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Self::Run { test, title, seed, clock } => vec![test, title, seed, clock],
            Self::Start { server, .. }
            | Self::Crash { server }
            | Self::Kill { server }
            | Self::State { server, .. }
            | Self::Install { server, .. }
            | Self::Snapshot { server, .. } => vec![server],
            Self::Save { server, state_text, snapshot_text, .. } => {
                [server].into_iter().chain(state_text).chain(snapshot_text).collect()
            }
            Self::Network { groups } => groups.iter_mut().flatten().collect(),
            Self::Sent { from, to, method, text, .. } => {
                [from, to, method].into_iter().chain(text).collect()
            }
            Self::Lost { reason, .. } => vec![reason],
            Self::Unanswered { caller, reason, .. } => vec![caller, reason],
            Self::Delivered { .. }
            | Self::Held { .. }
            | Self::Released { .. }
            | Self::Duplicated { .. } => Vec::new(),
            Self::Apply { server, command, .. } | Self::Propose { server, command, .. } => {
                vec![server, command]
            }
            Self::Call { client, operation, .. } => vec![client, operation],
            Self::Return { client, value, .. } => vec![client, value],
            Self::Note { text } => vec![text],
            Self::Log { server, level, text, place } => vec![server, level, text, place],
            Self::Interrupt { server, place, .. } => vec![server, place],
            Self::Likelihood { .. } => Vec::new(),
            Self::Cause { sentences } => sentences.iter_mut().collect(),
            Self::Timeline { html } => vec![html],
            Self::Failure { class, expected, seen, server, details } => {
                [class, expected, seen, details].into_iter().chain(server).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    /// Every form of a line that a recording can hold.
    const LINES: &str = r#"
{"at":0,"event":"run","test":"2B::backup","title":"...","seed":"0x11","clock":"sim"}
{"at":0,"event":"start","server":"server-0","life":1}
{"at":9,"event":"crash","server":"server-0"}
{"at":9,"event":"kill","server":"server-0"}
{"at":9,"event":"network","groups":[["server-0","server-1"],["server-2"]]}
{"at":9,"event":"state","server":"server-0","term":3,"leads":true}
{"at":9,"event":"sent","message":17,"call":17,"leg":"request","from":"server-0","to":"server-1","method":"Raft.RequestVote","bytes":14,"text":"RequestVoteArgs { term: 3, candidate_id: 1 }"}
{"at":9,"event":"sent","message":18,"call":17,"leg":"reply","from":"server-1","to":"server-0","method":"Raft.RequestVote","bytes":3}
{"at":9,"event":"delivered","message":17}
{"at":9,"event":"lost","message":17,"reason":"link down"}
{"at":9,"event":"held","message":17}
{"at":9,"event":"released","message":17}
{"at":9,"event":"duplicated","message":18,"of":17}
{"at":9,"event":"unanswered","call":17,"caller":"server-0","reason":"timed out"}
{"at":9,"event":"save","server":"server-0","state":220,"snapshot":0,"state_text":"(3, None, [])","snapshot_text":"Store { values: {} }"}
{"at":9,"event":"save","server":"server-0","state":220}
{"at":9,"event":"apply","server":"server-0","index":4,"command":"x 1 y"}
{"at":9,"event":"install","server":"server-0","index":10}
{"at":9,"event":"snapshot","server":"server-0","index":10}
{"at":9,"event":"propose","server":"server-0","command":"x 1 y","index":4,"term":3}
{"at":9,"event":"propose","server":"server-0","command":"x 1 y"}
{"at":9,"event":"call","client":"client-1","number":5,"operation":"Append(\"k\", \"x\")"}
{"at":9,"event":"return","client":"client-1","number":5,"value":"..."}
{"at":9,"event":"note","text":"the test ..."}
{"at":9,"event":"log","server":"server-0","level":"INFO","text":"...","place":"raft/src/raft.rs:120"}
{"at":9,"event":"interrupt","server":"server-0","place":"raft/src/raft.rs:120 start","pause":1200}
{"at":9,"event":"likelihood","failed":3,"of":12}
{"at":9,"event":"timeline","html":"..."}
{"at":9,"event":"cause","sentences":["...","..."]}
{"at":9,"event":"failure","class":"invariant","expected":"...","seen":"...","server":"server-0","details":"a table"}
{"at":9,"event":"failure","class":"invariant","expected":"...","seen":"...","details":"a table"}
"#;

    /// Each line becomes an event, and the event becomes that line again.
    #[test]
    fn every_line_survives_the_way_there_and_back() {
        for line in LINES.trim().lines() {
            let event: Event = serde_json::from_str(line).expect(line);
            assert_eq!(serde_json::to_string(&event).unwrap(), line);
        }
    }

    /// Every text of a line is among the texts that the page cuts and escapes.
    #[test]
    fn no_text_is_forgotten() {
        for line in LINES.trim().lines() {
            let mut event: Event = serde_json::from_str(line).expect(line);
            event.what.texts().into_iter().for_each(|text| text.clear());
            let shown = serde_json::to_value(&event).unwrap();
            for (key, value) in shown.as_object().unwrap() {
                let text = value.as_str().unwrap_or("");
                assert!(
                    text.is_empty() || ["event", "leg"].contains(&key.as_str()),
                    "{key} in {line}"
                );
            }
        }
    }
}
