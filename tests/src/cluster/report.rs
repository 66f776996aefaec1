//! What each server was at, for the failure message.

use std::fmt::Write;

use super::journal::Journal;
use super::service::Service;
use super::shared::{CONNECTED, Shared};

/// How many of the last events a failure shows.
const EVENTS: usize = 12;

/// A table of servers from its rows, and the last events.
pub(crate) fn explain(rows: &str, journal: &Journal) -> String {
    let head = "server  process  network       term  leads  applied  state     snapshot";
    format!("{head}\n{rows}\nlast events\n{}", journal.tail(EVENTS))
}

/// The servers of a cluster as they were last seen. Asks none of them: it may be stuck.
pub(crate) fn rows<S: Service>(shared: &Shared<S>) -> String {
    let mut text = String::new();
    for (server, slot) in shared.slots.iter().enumerate() {
        let number = shared.number(server);
        let Some(slot) = slot.try_lock_for(std::time::Duration::from_millis(200)) else {
            let _ = writeln!(text, "{number:<6}  busy");
            continue;
        };
        let seen = shared.elections.lock().seen(server);
        let up = slot.running.is_some();
        let applied = shared.service.last_applied(server);
        let _ = writeln!(
            text,
            "{number:<6}  {:<7}  {:<12}  {:>4}  {:<5}  {:>7}  {:<8}  {} B",
            if up { "up" } else { "crashed" },
            show_side(slot.side),
            seen.term,
            if up && seen.leads { "yes" } else { "no" },
            applied.map_or("-".to_owned(), |index| index.to_string()),
            format!("{} B", slot.persister.state_size()),
            slot.persister.snapshot_size(),
        );
    }
    text
}

fn show_side(side: Option<usize>) -> String {
    match side {
        None => "disconnected".to_owned(),
        Some(CONNECTED) => "connected".to_owned(),
        Some(side) => format!("side {side}"),
    }
}
