//! The way of committed commands and snapshots to the service.

use std::sync::Arc;

use crossbeam_channel::Sender;

use super::Raft;
use super::log::Entry;
use crate::apply::{ApplyMsg, Index};

impl Raft {
    /// The applier. It sends without the lock: the service may call Raft before it takes the next
    /// message.
    pub(super) fn apply(self: Arc<Self>, apply_ch: Sender<ApplyMsg>) {
        while let Some(messages) = self.next_messages() {
            for message in messages {
                if apply_ch.send(message).is_err() {
                    return;
                }
            }
        }
    }

    /// Waits for something to apply. `None` once this server is killed.
    fn next_messages(&self) -> Option<Vec<ApplyMsg>> {
        let mut state = self.state.lock();
        while !state.killed {
            // 2D
            if let Some(snapshot) = state.pending_snapshot.take() {
                state.last_applied = state.log.base_index;
                return Some(vec![snapshot]);
            }
            let from = state.last_applied + 1;
            if from <= state.commit_index {
                state.last_applied = state.commit_index;
                let commands = state.log.between(from, state.commit_index).iter();
                let message = |(index, entry): (Index, &Entry)| ApplyMsg::Command {
                    index,
                    command: entry.command.clone(),
                };
                return Some((from..).zip(commands).map(message).collect());
            }
            self.news.wait(&mut state);
        }
        None
    }
}
