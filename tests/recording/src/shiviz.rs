//! A recording as a log for ShiViz.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use crate::event::{Event, Happening};
use crate::messages::{Fate, Message, messages};
use crate::recording::Recording;

/// How many characters of a text an event shows.
const LONGEST: usize = 200;

/// For each host, how many of its events an event can know of.
type Clock = BTreeMap<String, u64>;

/// Writes a log for [ShiViz](https://bestchai.bitbucket.io/shiviz/), which draws what can have caused what.
/// Each event takes two lines: its host with a vector clock, and what happened. ShiViz parses it with this
/// regular expression, which is its default:
///
/// ```text
/// (?<host>\S*) (?<clock>{.*})\n(?<event>.*)
/// ```
///
/// ShiViz demands that a host's own count begins with 1 and grows by 1, and that a clock names no host
/// without events. It knows no lost messages, so the event of sending tells what becomes of a message.
pub fn shiviz(recording: &Recording) -> String {
    let messages = messages(&recording.events);
    let mut log = Log::default();
    for event in &recording.events {
        match event.what.message() {
            Some(number) => {
                if let Some(message) = messages.get(&number) {
                    log.add_message(event, number, message);
                }
            }
            None => log.add(event, &messages),
        }
    }
    log.text
}

#[derive(Default)]
struct Log {
    text: String,
    clocks: HashMap<String, Clock>,
    /// The sender's clock at the sending of each message.
    sent: HashMap<u64, Clock>,
}

impl Log {
    fn add_message(&mut self, event: &Event, number: u64, message: &Message<'_>) {
        let (method, leg) = (message.method, format!("{:?}", message.leg).to_lowercase());
        let (from, to) = (message.from, message.to);
        let fate = match message.fate {
            Fate::Delivered => String::new(),
            Fate::Lost(reason) => format!(", which is lost: {reason}"),
            Fate::OnItsWay => ", which is on its way when the recording ends".to_owned(),
        };
        match event.what {
            Happening::Sent { .. } => {
                self.write(event.at, from, &format!("sends {method} {leg} to {to}{fate}"));
                self.sent.insert(number, self.clocks[&host(from)].clone());
            }
            Happening::Duplicated { of, .. } => {
                let clock = self.sent.get(&of).cloned().unwrap_or_default();
                self.sent.insert(number, clock);
            }
            Happening::Delivered { .. } => {
                let known = self.sent.get(&number).cloned().unwrap_or_default();
                let clock = self.clocks.entry(host(to)).or_default();
                for (other, count) in known {
                    let mine = clock.entry(other).or_default();
                    *mine = count.max(*mine);
                }
                self.write(event.at, to, &format!("gets {method} {leg} from {from}"));
            }
            _ => {}
        }
    }

    fn add(&mut self, event: &Event, messages: &HashMap<u64, Message<'_>>) {
        if let Happening::Unanswered { call, caller, reason } = &event.what {
            let (method, to) = messages.get(call).map_or(("", ""), |sent| (sent.method, sent.to));
            let text = format!("gets no reply to {method} from {to}: {reason}");
            return self.write(event.at, caller, &text);
        }
        let place = match &event.what {
            Happening::Call { client, .. } | Happening::Return { client, .. } => client,
            other => other.server().unwrap_or("test"),
        };
        // The JSON without the time and the braces reads well enough, and says everything.
        let shown = serde_json::to_string(&event.what).unwrap_or_default();
        let shown = shown.trim_start_matches("{\"event\":").trim_end_matches('}');
        self.write(event.at, place, shown);
    }

    fn write(&mut self, at: u64, place: &str, text: &str) {
        let host = host(place);
        let clock = self.clocks.entry(host.clone()).or_default();
        *clock.entry(host.clone()).or_default() += 1;
        let clock = serde_json::to_string(clock).unwrap_or_default();
        let text: String = text.chars().filter(|char| !char.is_control()).take(LONGEST).collect();
        let seconds = at as f64 / 1e9;
        let _ = writeln!(self.text, "{host} {clock}\n{seconds:.6} s {text}");
    }
}

/// The name without blanks, which would end the host's name in the log.
fn host(name: &str) -> String {
    name.chars().map(|char| if char.is_whitespace() { '_' } else { char }).collect()
}

#[cfg(test)]
mod tests {
    use super::shiviz;
    use crate::recording::Recording;

    const LINES: &str = r#"{"at":0,"event":"start","server":"server-0","life":1}
{"at":0,"event":"start","server":"server-1","life":1}
{"at":9,"event":"sent","message":1,"call":1,"leg":"request","from":"server-0","to":"server-1","method":"Raft.RequestVote","bytes":1}
{"at":9,"event":"duplicated","message":2,"of":1}
{"at":1000000,"event":"delivered","message":1}
{"at":1000000,"event":"sent","message":3,"call":1,"leg":"reply","from":"server-1","to":"server-0","method":"Raft.RequestVote","bytes":1}
{"at":1100000,"event":"lost","message":3,"reason":"link down"}
{"at":1200000,"event":"delivered","message":2}
{"at":1250000,"event":"unanswered","call":1,"caller":"server-0","reason":"link down"}
{"at":1300000,"event":"note","text":"a\nb"}
"#;

    /// Clocks of senders pass to receivers, copies included, and each host counts its own events.
    #[test]
    fn clocks_follow_the_messages() {
        let expected = r#"server-0 {"server-0":1}
0.000000 s "start","server":"server-0","life":1
server-1 {"server-1":1}
0.000000 s "start","server":"server-1","life":1
server-0 {"server-0":2}
0.000000 s sends Raft.RequestVote request to server-1
server-1 {"server-0":2,"server-1":2}
0.001000 s gets Raft.RequestVote request from server-0
server-1 {"server-0":2,"server-1":3}
0.001000 s sends Raft.RequestVote reply to server-0, which is lost: link down
server-1 {"server-0":2,"server-1":4}
0.001200 s gets Raft.RequestVote request from server-0
server-0 {"server-0":3}
0.001250 s gets no reply to Raft.RequestVote from server-1: link down
test {"test":1}
0.001300 s "note","text":"a\nb"
"#;
        assert_eq!(shiviz(&Recording::read(LINES.as_bytes())), expected);
    }
}
