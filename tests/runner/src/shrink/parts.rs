//! The parts of a run that have choices of their own.

use std::collections::BTreeSet;

use recording::{Happening, Recording};

use crate::case::TESTER;
use crate::plan::{link, part};

/// The tester, all servers and clients that a recording names, and all links on which messages were sent.
pub(super) fn parts(recording: &Recording) -> Vec<String> {
    let mut parts = BTreeSet::from([TESTER.to_owned()]);
    for event in &recording.events {
        match &event.what {
            Happening::Start { server, .. } => _ = parts.insert(part(server)),
            Happening::Sent { from, to, .. } => {
                parts.extend([part(from), part(to), link(from, to)]);
            }
            _ => {}
        }
    }
    parts.into_iter().collect()
}
