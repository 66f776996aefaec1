//! What decides the loss and the delay of messages in virtual time.

use std::collections::BTreeMap;

use labrpc::{Fate, Message};
use rand::Rng;
use rand::rngs::SmallRng;
use sim::Draws;

use crate::case::Run;

/// Each link draws for itself, so that a message that is sent or not on one link changes nothing on another.
pub(super) struct Fates {
    run: Run,
    /// By the names of those who send and receive.
    links: BTreeMap<(String, String), Draws<SmallRng>>,
}

impl Fates {
    pub(super) fn new(run: Run) -> Self {
        Fates { run, links: BTreeMap::new() }
    }

    /// What decides about a message that is sent now.
    pub(super) fn of(&mut self, message: &Message<'_>) -> Fate {
        let Message { from, to, .. } = *message;
        let link = self.links.entry((from.to_owned(), to.to_owned()));
        let draws = link.or_insert_with(|| Draws::new(self.run.chance_of_link(from, to)));
        if draws.now().is_plain() { Fate::Plain } else { Fate::Drawn(draws.rng().random()) }
    }
}
