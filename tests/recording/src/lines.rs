//! The last events of a run as lines of text, for a terminal.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use crate::event::{Event, Happening, Leg};
use crate::recording::Recording;

/// How far a second line is indented.
const SECOND_LINE: usize = 13;

/// What becomes of the messages of a server that is cut off, and of those on a link that is down.
const CUT_OFF: &str = "disconnected";
const LINK_DOWN: &str = "link down";

/// A line, which can stand for several messages with the same words.
struct Line {
    at: u64,
    what: What,
}

enum What {
    Other(String),
    Messages {
        method: String,
        leg: Leg,
        text: String,
        fate: String,
        from: Vec<String>,
        to: Vec<String>,
    },
}

/// A message, as it was sent.
struct Sent<'a> {
    leg: Leg,
    from: &'a str,
    to: &'a str,
    method: &'a str,
    text: &'a str,
}

impl Recording {
    /// The last `count` things that happened before the failure, or before the end, in lines of at most `width`
    /// characters: messages when they arrive or are lost, with what is in them, and what servers and the
    /// test do. Messages with the same words, to several servers or from several, share a line. A message that says
    /// what the one before it said, such as a heartbeat, is left out, and so are saves, the terms of followers, and
    /// lines of the log. So are messages of and to servers that are cut off, which change nothing. A call that ends
    /// without a reply is told when its caller learns of it.
    pub fn last_lines(&self, count: usize, width: usize) -> Vec<String> {
        let mut lines = self.lines(0..u64::MAX);
        lines.retain(|line| line.fate() != CUT_OFF);
        show(&lines[lines.len().saturating_sub(count)..], width)
    }

    /// The same for a window of time, in nanoseconds, also with the messages of servers that are cut off.
    pub fn lines_in(&self, window: Range<u64>, count: usize, width: usize) -> Vec<String> {
        let lines = self.lines(window);
        show(&lines[lines.len().saturating_sub(count)..], width)
    }

    /// The first `count` things that happen from this time on, in nanoseconds.
    pub fn lines_from(&self, at: u64, count: usize, width: usize) -> Vec<String> {
        let lines = self.lines(at..u64::MAX);
        show(&lines[..lines.len().min(count)], width)
    }

    /// All lines in a window of time, up to the failure.
    fn lines(&self, window: Range<u64>) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        let (mut context, mut before) = (Context::default(), HashMap::new());
        for event in &self.events {
            if matches!(event.what, Happening::Failure { .. }) || event.at >= window.end {
                break;
            }
            if let Some(line) = line(event, &mut context)
                && !line.repeats(&mut before)
                && line.at >= window.start
                && !lines.iter_mut().rev().take(4).any(|last| last.takes(&line))
            {
                lines.push(line);
            }
        }
        lines
    }
}

fn show(lines: &[Line], width: usize) -> Vec<String> {
    lines.iter().flat_map(|line| line.show(width)).map(|line| cut(&line, width)).collect()
}

impl Recording {
    /// How many messages were sent before the failure that do not say what the one before them said, as heartbeats
    /// mostly do.
    pub fn new_messages(&self) -> usize {
        let (mut context, mut before) = (Context::default(), HashMap::new());
        let is_before = |event: &&Event| !matches!(event.what, Happening::Failure { .. });
        let events = self.events.iter().take_while(is_before);
        let events = events.filter(|event| !matches!(event.what, Happening::Unanswered { .. }));
        let lines = events.filter_map(|event| line(event, &mut context));
        lines
            .filter(|line| matches!(line.what, What::Messages { .. }) && !line.repeats(&mut before))
            .count()
    }
}

/// What is known from earlier events.
#[derive(Default)]
struct Context<'a> {
    /// The messages that were sent.
    sent: HashMap<u64, Sent<'a>>,
    /// Who has answered each client last.
    answered: HashMap<&'a str, &'a str>,
}

/// The line for an event, if it has one. Notes messages that are sent.
fn line<'a>(event: &'a Event, context: &mut Context<'a>) -> Option<Line> {
    let Context { sent, answered } = context;
    let server = |name: &String| name.replace('-', " ");
    let other = |text: String| Some(Line { at: event.at, what: What::Other(text) });
    match &event.what {
        Happening::Sent { message, leg, from, to, method, text, .. } => {
            let text = text.as_deref().unwrap_or_default();
            sent.insert(*message, Sent { leg: *leg, from, to, method, text });
            None
        }
        Happening::Duplicated { message, of } => {
            let copy = sent.get(of).map(|of| Sent { ..*of });
            if let (Some(copy), Entry::Vacant(place)) = (copy, sent.entry(*message)) {
                place.insert(copy);
            }
            None
        }
        Happening::Delivered { message } => {
            let sent = sent.get(message)?;
            if sent.leg == Leg::Reply {
                answered.insert(sent.to, sent.from);
            }
            Some(of_message(event.at, sent, ""))
        }
        Happening::Lost { message, reason } => {
            Some(of_message(event.at, sent.get(message)?, reason))
        }
        Happening::Held { message } => Some(of_message(event.at, sent.get(message)?, "held")),
        // A request has the number of its call.
        Happening::Unanswered { call, reason, .. } => {
            Some(of_end(event.at, sent.get(call)?, reason))
        }
        Happening::State { server: name, term, leads: true } => {
            other(format!("{} leads term {term}", server(name)))
        }
        Happening::Apply { server: name, index, command } => {
            other(format!("{} applies index {index}: {command:?}", server(name)))
        }
        Happening::Install { server: name, index } => {
            other(format!("{} installs a snapshot up to index {index}", server(name)))
        }
        Happening::Snapshot { server: name, index } => {
            other(format!("{} makes a snapshot up to index {index}", server(name)))
        }
        Happening::Propose { server: name, command, index: Some(index), term: Some(term) } => {
            let name = server(name);
            other(format!("{name} accepts {command:?} for index {index} in term {term}"))
        }
        Happening::Call { client, operation, .. } => {
            other(format!("{} calls {operation}", server(client)))
        }
        Happening::Return { client, value, .. } => {
            let from = answered.get(client.as_str()).map(|from| from.replace('-', " "));
            let from = from.map(|from| format!(" from {from}")).unwrap_or_default();
            other(format!("{} gets {value}{from}", server(client)))
        }
        Happening::Note { text } => other(text.clone()),
        Happening::Interrupt { server: name, place, pause } => {
            let how = match pause {
                0..50_000 => "is interrupted".to_owned(),
                _ => format!("pauses {:.1} ms", *pause as f64 / 1e6),
            };
            other(format!("{} {how} at {place}", server(name)))
        }
        _ => None,
    }
}

fn of_message(at: u64, sent: &Sent<'_>, fate: &str) -> Line {
    // The name of the type says the same as the method.
    let text = sent.text.find('{').map_or(sent.text, |start| &sent.text[start..]);
    let text = text.replace("{ ", "{").replace(" }", "}");
    let what = What::Messages {
        method: sent.method.rsplit('.').next().unwrap_or(sent.method).to_owned(),
        leg: sent.leg,
        text,
        fate: fate.to_owned(),
        from: vec![sent.from.replace('-', " ")],
        to: vec![sent.to.replace('-', " ")],
    };
    Line { at, what }
}

/// The line for the end of a call without a reply.
fn of_end(at: u64, request: &Sent<'_>, reason: &str) -> Line {
    let mut line = of_message(at, &Sent { text: "", ..*request }, reason);
    if let What::Messages { method, .. } = &mut line.what {
        method.push_str(" gets no reply");
    }
    line
}

impl Line {
    /// What became of a message that did not arrive.
    fn fate(&self) -> &str {
        match &self.what {
            What::Messages { fate, .. } => fate,
            What::Other(_) => "",
        }
    }

    /// Whether this is a message that says and fares as the last one from this sender to this recipient.
    fn repeats(&self, before: &mut HashMap<[String; 3], [String; 2]>) -> bool {
        let What::Messages { method, leg, text, fate, from, to } = &self.what else {
            return false;
        };
        let way = [from[0].clone(), to[0].clone(), format!("{leg:?} of {method}")];
        // What a server says that nobody can hear does not matter.
        let is_heard = ![CUT_OFF, LINK_DOWN].contains(&fate.as_str());
        let says = [if is_heard { text.clone() } else { String::new() }, fate.clone()];
        before.insert(way, says.clone()) == Some(says)
    }

    /// Takes in a later message, if it has the same words and the same sender, or the same recipient.
    fn takes(&mut self, later: &Line) -> bool {
        let (
            What::Messages { method, leg, text, fate, from, to },
            What::Messages {
                method: other_method,
                leg: other_leg,
                text: other_text,
                fate: other_fate,
                from: other_from,
                to: other_to,
            },
        ) = (&mut self.what, &later.what)
        else {
            return false;
        };
        if (&*method, &*leg, &*text, &*fate) != (other_method, other_leg, other_text, other_fate) {
            return false;
        }
        if from == other_from && !to.contains(&other_to[0]) {
            to.extend(other_to.iter().cloned());
            return true;
        }
        if to == other_to && !from.contains(&other_from[0]) {
            from.extend(other_from.iter().cloned());
            return true;
        }
        false
    }

    /// One line, or two if what a message says is too long for one.
    fn show(&self, width: usize) -> Vec<String> {
        let at = format!("{:>8.3}s ", self.at as f64 / 1e9);
        match &self.what {
            What::Other(text) => vec![format!("{at} {text}")],
            What::Messages { method, leg, text, fate, from, to } => {
                let reply = if *leg == Leg::Reply { " reply" } else { "" };
                let fate = if fate.is_empty() { String::new() } else { format!(" ({fate})") };
                let (from, to) = (names(from), numbers(to));
                let line = format!("{at} {from} to {to}: {method}{reply}{fate}");
                if text.is_empty() {
                    vec![line]
                } else if line.chars().count() + text.chars().count() < width {
                    vec![format!("{line} {text}")]
                } else {
                    vec![line, format!("{:SECOND_LINE$}{text}", "")]
                }
            }
        }
    }
}

/// Such as "servers 1, 2 and 4".
fn names(names: &[String]) -> String {
    match names {
        [one] => one.clone(),
        _ => {
            let kind = names[0].split(' ').next().unwrap_or_default();
            format!("{kind}s {}", numbers(names))
        }
    }
}

/// Such as "1, 2 and 4".
fn numbers(names: &[String]) -> String {
    let mut numbers: Vec<&str> =
        names.iter().map(|name| name.split(' ').next_back().unwrap_or(name)).collect();
    numbers.sort_by_key(|number| number.parse::<u64>().unwrap_or(u64::MAX));
    match numbers.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => numbers.concat(),
    }
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use crate::recording::Recording;

    const RUN: &str = r#"
{"at":100000000,"event":"sent","message":1,"call":1,"leg":"request","from":"server-0","to":"server-1","method":"Raft.RequestVote","bytes":4,"text":"Args { term: 3, candidate: 0 }"}
{"at":100000001,"event":"sent","message":2,"call":2,"leg":"request","from":"server-0","to":"server-2","method":"Raft.RequestVote","bytes":4,"text":"Args { term: 3, candidate: 0 }"}
{"at":101000000,"event":"delivered","message":1}
{"at":101000000,"event":"save","server":"server-1","state":4}
{"at":101500000,"event":"delivered","message":2}
{"at":102000000,"event":"sent","message":3,"call":1,"leg":"reply","from":"server-1","to":"server-0","method":"Raft.RequestVote","bytes":2,"text":"Reply { term: 3, granted: true }"}
{"at":103000000,"event":"lost","message":3,"reason":"link down"}
{"at":103500000,"event":"unanswered","call":1,"caller":"server-0","reason":"link down"}
{"at":103500001,"event":"unanswered","call":2,"caller":"server-0","reason":"link down"}
{"at":104000000,"event":"state","server":"server-0","term":3,"leads":true}
{"at":104000001,"event":"sent","message":4,"call":4,"leg":"request","from":"server-0","to":"server-1","method":"Raft.RequestVote","bytes":4,"text":"Args { term: 3, candidate: 0 }"}
{"at":104000002,"event":"delivered","message":4}
{"at":105000000,"event":"note","text":"the test crashes server 2"}
{"at":106000000,"event":"failure","class":"x","expected":"a","seen":"b"}
{"at":107000000,"event":"note","text":"later"}
"#;

    #[test]
    fn messages_say_who_what_and_how_they_fared() {
        let recording = Recording::read(RUN.as_bytes());
        assert_eq!(
            recording.last_lines(9, 72),
            [
                "   0.101s  server 0 to 1 and 2: RequestVote {term: 3, candidate: 0}",
                "   0.103s  server 1 to 0: RequestVote reply (link down)",
                "             {term: 3, granted: true}",
                "   0.103s  server 0 to 1 and 2: RequestVote gets no reply (link down)",
                "   0.104s  server 0 leads term 3",
                "   0.105s  the test crashes server 2",
            ]
        );
        assert_eq!(recording.last_lines(1, 20), ["   0.105s  the test…"]);
        assert!(recording.last_lines(9, 70).iter().all(|line| line.chars().count() <= 70));
    }
}
