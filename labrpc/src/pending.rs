//! The calls that wait for their outcomes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::event::DropReason;
use crate::message::{EndId, MessageId};
use crate::outcome::Outcome;

/// How long a call takes at most, even if its handler never returns.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(7);

/// What a caller wants to be told about the end of its call.
pub(crate) type Done = Box<dyn FnOnce(Outcome) + Send>;

/// The calls without an outcome. A call has ended when it is removed: only its first outcome counts.
#[derive(Default)]
pub(crate) struct PendingCalls {
    /// In the order in which they began, so the first one is also the first to time out.
    calls: BTreeMap<MessageId, PendingCall>,
}

struct PendingCall {
    end: EndId,
    began: Instant,
    /// When the call fails; is only ever made earlier.
    fails_at: Instant,
    /// Whether a message of this call has been held, so that neither its end nor its server can end it.
    held: bool,
    method: Arc<str>,
    /// Why it fails, if it is known that it does.
    why: Option<DropReason>,
    done: Done,
}

/// A call that has just ended.
pub(crate) struct EndedCall {
    pub(crate) end: EndId,
    pub(crate) method: Arc<str>,
    pub(crate) why: Option<DropReason>,
    pub(crate) done: Done,
}

impl PendingCalls {
    /// Adds a call that begins now.
    pub(crate) fn add(&mut self, call: MessageId, end: EndId, method: Arc<str>, done: Done) {
        let began = Instant::now();
        let fails_at = began + CALL_TIMEOUT;
        let pending = PendingCall { end, began, fails_at, held: false, method, why: None, done };
        self.calls.insert(call, pending);
    }

    /// Ends a call. `None` if it has ended before.
    pub(crate) fn remove(&mut self, call: MessageId) -> Option<EndedCall> {
        let PendingCall { end, method, why, done, .. } = self.calls.remove(&call)?;
        Some(EndedCall { end, method, why, done })
    }

    pub(crate) fn contains(&self, call: MessageId) -> bool {
        self.calls.contains_key(&call)
    }

    /// Exempts a call from [`PendingCalls::on_ends`].
    pub(crate) fn hold(&mut self, call: MessageId) {
        if let Some(call) = self.calls.get_mut(&call) {
            call.held = true;
        }
    }

    /// Notes that a call fails at `when`, and why. Returns whether that is earlier than was known.
    pub(crate) fn fails_at(&mut self, call: MessageId, when: Instant, why: DropReason) -> bool {
        let earlier = self.calls.get_mut(&call).filter(|call| when < call.fails_at);
        let noted = earlier.map(|call| (call.fails_at, call.why) = (when, Some(why)));
        noted.is_some()
    }

    /// Notes why a call fails.
    pub(crate) fn blame(&mut self, call: MessageId, why: DropReason) {
        if let Some(call) = self.calls.get_mut(&call) {
            call.why = Some(why);
        }
    }

    /// The calls on certain ends, ordered by end and then by age, without those that are held.
    pub(crate) fn on_ends(&self, is_meant: impl Fn(EndId) -> bool) -> Vec<MessageId> {
        let meant = self.calls.iter().filter(|(_, call)| !call.held && is_meant(call.end));
        let mut calls: Vec<_> = meant.map(|(id, call)| (call.end, *id)).collect();
        calls.sort_unstable();
        calls.into_iter().map(|(_, id)| id).collect()
    }

    /// The oldest call, and when it times out.
    pub(crate) fn oldest(&self) -> Option<(MessageId, Instant)> {
        self.calls.first_key_value().map(|(id, call)| (*id, call.began + CALL_TIMEOUT))
    }

    /// Ends all calls.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Done> + use<> {
        std::mem::take(&mut self.calls).into_values().map(|call| call.done)
    }
}
