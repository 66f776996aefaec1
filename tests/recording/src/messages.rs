//! The messages of a recording: who sent what to whom, and what became of it.

use std::collections::HashMap;

use crate::event::{Event, Happening, Leg};

/// A message; a copy that the network made has what its original has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    pub(crate) leg: Leg,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) method: &'a str,
    pub(crate) fate: Fate<'a>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate<'a> {
    /// It was still on its way when the recording ended.
    OnItsWay,
    Delivered,
    /// It was lost for this reason.
    Lost(&'a str),
}

impl Message<'_> {
    /// The method's name without its service: `RequestVote` of `Raft.RequestVote`.
    pub(crate) fn short_method(&self) -> &str {
        self.method.rsplit('.').next().unwrap_or(self.method)
    }
}

/// Finds all messages by their numbers.
pub(crate) fn messages(events: &[Event]) -> HashMap<u64, Message<'_>> {
    let mut found: HashMap<u64, Message<'_>> = HashMap::new();
    for event in events {
        match &event.what {
            Happening::Sent { message, leg, from, to, method, .. } => {
                let sent = Message { leg: *leg, from, to, method, fate: Fate::OnItsWay };
                found.insert(*message, sent);
            }
            Happening::Duplicated { message, of } => {
                let copy = found.get(of).map(|sent| Message { fate: Fate::OnItsWay, ..*sent });
                found.extend(copy.map(|copy| (*message, copy)));
            }
            Happening::Delivered { message } => set_fate(&mut found, *message, Fate::Delivered),
            Happening::Lost { message, reason } => {
                set_fate(&mut found, *message, Fate::Lost(reason));
            }
            _ => {}
        }
    }
    found
}

fn set_fate<'a>(found: &mut HashMap<u64, Message<'a>>, number: u64, fate: Fate<'a>) {
    if let Some(message) = found.get_mut(&number) {
        message.fate = fate;
    }
}
