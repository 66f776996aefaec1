//! A part of a recording as a sequence diagram in the language of Mermaid.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::Range;

use crate::event::{Happening, Leg};
use crate::messages::{Fate, Message, messages};
use crate::recording::Recording;

/// How many characters of a text the diagram shows.
const LONGEST: usize = 60;

/// Writes a sequence diagram in the language of [Mermaid](https://mermaid.js.org) of what happened in
/// `window`, in nanoseconds since the test began. Many forums and editors draw it where it stands between
/// the lines ` ```mermaid ` and ` ``` `.
///
/// A message is drawn where it arrives: with a head if it is delivered, with a cross if it is lost. One
/// that is on its way when the recording ends is drawn where it is sent, with an open head. Replies are
/// dashed. Saves and lines of the log are left out, since they would bury the rest.
pub fn mermaid(recording: &Recording, window: Range<u64>) -> String {
    let messages = messages(&recording.events);
    let mut lines = Vec::new();
    let mut names = BTreeSet::new();
    let mut add = |place: &str, line: String| {
        names.extend(place.split('\0').map(str::to_owned));
        lines.push(line);
    };
    for event in recording.events.iter().filter(|event| window.contains(&event.at)) {
        let message = event.what.message().and_then(|number| messages.get(&number));
        if let Happening::Unanswered { call, caller, reason } = &event.what {
            let text = unanswered(messages.get(call), reason);
            add(caller, format!("Note over {}: {}", id(caller), label(&text)));
        } else if let Some(message) = message {
            if let Some(line) = arrow(&event.what, message) {
                add(&format!("{}\0{}", message.from, message.to), line);
            }
        } else if let Some(text) = note(&event.what) {
            let place = place(&event.what);
            let line = format!("Note over {}: {}", id(place), label(&text));
            add(place, line);
        }
    }
    let mut diagram = "sequenceDiagram\n".to_owned();
    for name in &names {
        let shown = name.replacen('-', " ", 1);
        let _ = writeln!(diagram, "    participant {} as {}", id(name), label(&shown));
    }
    for line in lines {
        let _ = writeln!(diagram, "    {line}");
    }
    diagram
}

/// The line of a message, if this is the event at which it is drawn.
fn arrow(what: &Happening, message: &Message<'_>) -> Option<String> {
    let (solid, dashed, reason) = match (what, message.fate) {
        (Happening::Delivered { .. }, _) => ("->>", "-->>", ""),
        (Happening::Lost { reason, .. }, _) => ("-x", "--x", reason.as_str()),
        (Happening::Sent { .. } | Happening::Duplicated { .. }, Fate::OnItsWay) => {
            ("-)", "--)", "on its way")
        }
        _ => return None,
    };
    let head = if message.leg == Leg::Request { solid } else { dashed };
    let kind = if message.leg == Leg::Request { "" } else { " reply" };
    let mut text = format!("{}{kind}", message.short_method());
    if !reason.is_empty() {
        let _ = write!(text, " ({reason})");
    }
    Some(format!("{}{head}{}: {}", id(message.from), id(message.to), label(&text)))
}

/// What the end of a call means for its caller.
fn unanswered(request: Option<&Message<'_>>, reason: &str) -> String {
    let call = request.map_or("a call".to_owned(), |request| {
        format!("{} to {}", request.short_method(), request.to)
    });
    format!("no reply to {call}: {reason}")
}

/// In whose column an event stands.
fn place(what: &Happening) -> &str {
    match what {
        Happening::Call { client, .. } | Happening::Return { client, .. } => client,
        _ => what.server().unwrap_or("test"),
    }
}

fn note(what: &Happening) -> Option<String> {
    Some(match what {
        Happening::Start { life, .. } => format!("starts, life {life}"),
        Happening::Crash { .. } => "crashes".to_owned(),
        Happening::Kill { .. } => "kill() is called".to_owned(),
        Happening::Network { groups } => {
            let sides: Vec<String> = groups.iter().map(|group| group.join(", ")).collect();
            format!("network: {}", sides.join(" | "))
        }
        Happening::State { term, leads: true, .. } => format!("leads in term {term}"),
        Happening::State { term, .. } => format!("term {term}"),
        Happening::Apply { index, command, .. } => format!("applies index {index}: {command}"),
        Happening::Install { index, .. } => format!("takes the snapshot up to index {index}"),
        Happening::Snapshot { index, .. } => format!("makes a snapshot up to index {index}"),
        Happening::Propose { command, index: Some(index), .. } => {
            format!("is given {command}, index {index}")
        }
        Happening::Propose { command, .. } => format!("refuses {command}"),
        Happening::Call { operation, .. } => format!("calls {operation}"),
        Happening::Return { value, .. } => format!("gets {value}"),
        Happening::Note { text } => text.clone(),
        Happening::Failure { expected, seen, .. } => {
            format!("FAILURE: expected {expected}, seen {seen}")
        }
        _ => return None,
    })
}

/// A name that Mermaid takes for the id of a participant. Other characters than letters and digits have
/// meanings there, and so have words such as `end`.
fn id(name: &str) -> String {
    let mut id = "p_".to_owned();
    for char in name.chars() {
        match char {
            'a'..='z' | 'A'..='Z' | '0'..='9' => id.push(char),
            '-' => id.push('_'),
            _ => {
                let _ = write!(id, "x{:x}", u32::from(char));
            }
        }
    }
    id
}

/// A text as Mermaid shows it. Whatever might have a meaning there is written as `#code;`.
fn label(text: &str) -> String {
    let mut label = String::new();
    for char in text.chars().take(LONGEST) {
        match char {
            '\n' | '\r' | '\t' => label.push(' '),
            'a'..='z'
            | 'A'..='Z'
            | '0'..='9'
            | ' '
            | '.'
            | ','
            | '('
            | ')'
            | '_'
            | '/'
            | '-'
            | '"'
            | '='
            | '?' => label.push(char),
            _ => {
                let _ = write!(label, "#{};", u32::from(char));
            }
        }
    }
    if text.chars().count() > LONGEST {
        label.push_str("...");
    }
    // The bare word would end a block.
    if label.trim() == "end" { "(end)".to_owned() } else { label }
}

#[cfg(test)]
mod tests {
    use super::mermaid;
    use crate::recording::Recording;

    fn diagram(lines: &str) -> String {
        let recording = Recording::read(lines.as_bytes());
        assert_eq!(recording.skipped, 0);
        mermaid(&recording, 10..100)
    }

    /// Messages stand where they end, with their fates; what lies outside the window is left out.
    #[test]
    fn messages_and_states_become_lines() {
        let shown = diagram(
            r#"{"at":1,"event":"note","text":"too early"}
{"at":9,"event":"sent","message":1,"call":1,"leg":"request","from":"server-0","to":"server-1","method":"Raft.RequestVote","bytes":1}
{"at":10,"event":"sent","message":2,"call":2,"leg":"request","from":"server-0","to":"server-2","method":"Raft.RequestVote","bytes":1}
{"at":11,"event":"delivered","message":1}
{"at":12,"event":"lost","message":2,"reason":"link down"}
{"at":13,"event":"sent","message":3,"call":1,"leg":"reply","from":"server-1","to":"server-0","method":"Raft.RequestVote","bytes":1}
{"at":14,"event":"duplicated","message":4,"of":3}
{"at":15,"event":"delivered","message":3}
{"at":16,"event":"state","server":"server-0","term":3,"leads":true}
{"at":17,"event":"unanswered","call":2,"caller":"server-0","reason":"link down"}
{"at":100,"event":"crash","server":"server-0"}
"#,
        );
        let expected = "sequenceDiagram
    participant p_server_0 as server 0
    participant p_server_1 as server 1
    participant p_server_2 as server 2
    p_server_0->>p_server_1: RequestVote
    p_server_0-xp_server_2: RequestVote (link down)
    p_server_1--)p_server_0: RequestVote reply (on its way)
    p_server_1-->>p_server_0: RequestVote reply
    Note over p_server_0: leads in term 3
    Note over p_server_0: no reply to RequestVote to server-2#58; link down
";
        assert_eq!(shown, expected);
    }

    /// Signs with a meaning in Mermaid, markup and words of its language stay text.
    #[test]
    fn texts_cannot_change_the_diagram() {
        let shown = diagram(
            r##"{"at":20,"event":"note","text":"end"}
{"at":21,"event":"note","text":"a; b #35; <b>\nNote over x: -->>"}
{"at":22,"event":"crash","server":"a b:c"}
"##,
        );
        let expected = "sequenceDiagram
    participant p_ax20bx3ac as a b#58;c
    participant p_test as test
    Note over p_test: (end)
    Note over p_test: a#59; b #35;35#59; #60;b#62; Note over x#58; --#62;#62;
    Note over p_ax20bx3ac: crashes
";
        assert_eq!(shown, expected);
    }
}
