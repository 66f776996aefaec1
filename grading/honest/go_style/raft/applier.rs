//! The thread that hands commands to the service.

use std::sync::Arc;

use crossbeam_channel::Sender;

use super::Raft;
use crate::apply::ApplyMsg;

impl Raft {
    pub(super) fn applier(self: Arc<Self>, apply_ch: &Sender<ApplyMsg>) {
        while let Some(message) = self.next_message() {
            if apply_ch.send(message).is_err() {
                // The service has ended.
                return;
            }
        }
    }

    /// Waits for the next message to the service. `None` once the server is killed.
    fn next_message(&self) -> Option<ApplyMsg> {
        let mut state = self.lock();
        while !state.dead
            && state.pending_snapshot.is_none()
            && state.last_applied >= state.commit_index
        {
            state = self.apply_cond.wait(state).unwrap();
        }
        if state.dead {
            return None;
        }
        if let Some(snapshot) = state.pending_snapshot.take() {
            state.last_applied = state.persistent.snapshot_index;
            return Some(snapshot);
        }
        state.last_applied += 1;
        let index = state.last_applied;
        Some(ApplyMsg::Command { index, command: state.at(index).command.clone() })
    }
}
