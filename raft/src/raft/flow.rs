//! Flow control: a follower that is slow to answer gets no more than it can take (dissertation, section 10.2).

use super::log::Entry;
use super::{AppendEntriesArgs, State};
use crate::apply::{Index, Term};

/// How many bytes of commands may be under way to one follower.
const WINDOW: usize = 256 << 10;

/// How many of them one message may carry.
const MESSAGE: usize = 64 << 10;

impl State {
    /// The last of the entries `from..=to` that may be sent to a follower now, or `from - 1` if none may. A command of any
    /// size may be sent alone.
    pub(super) fn last_that_fits(
        &mut self,
        term: Term,
        peer: usize,
        from: Index,
        to: Index,
    ) -> Index {
        let under_way = self.follower(term, peer).map_or(0, |follower| follower.under_way);
        let mut room = MESSAGE.min(WINDOW.saturating_sub(under_way));
        if under_way == 0
            && let Some(first) = self.log.between(from, to).first()
        {
            room = room.max(first.command.len());
        }
        let fits = |entry: &&Entry| {
            let left = room.checked_sub(entry.command.len());
            room = left.unwrap_or(0);
            left.is_some()
        };
        from + self.log.between(from, to).iter().take_while(fits).count() as Index - 1
    }

    pub(super) fn note_sent(&mut self, term: Term, peer: usize, args: &AppendEntriesArgs) {
        if let Some(follower) = self.follower(term, peer) {
            follower.under_way += size(args);
        }
    }

    pub(super) fn note_returned(&mut self, term: Term, peer: usize, args: &AppendEntriesArgs) {
        if let Some(follower) = self.follower(term, peer) {
            follower.under_way -= size(args);
        }
    }
}

/// How many bytes of commands a message carries.
fn size(args: &AppendEntriesArgs) -> usize {
    args.entries.iter().map(|entry| entry.command.len()).sum()
}
