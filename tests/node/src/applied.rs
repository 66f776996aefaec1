//! What Raft applies, on its way to the service of Lab 2.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use protocol::Applied;

use crate::submission::ApplyChannel;

/// The receiving end of Raft's apply channel. It knows whether the service waits for a message: then the service's thread
/// runs no code of the submission.
pub(crate) struct AppliedMessages {
    channel: Arc<dyn ApplyChannel>,
    is_awaited: AtomicBool,
}

impl AppliedMessages {
    pub(crate) fn new(channel: Arc<dyn ApplyChannel>) -> Self {
        AppliedMessages { channel, is_awaited: AtomicBool::new(false) }
    }

    /// Waits for a message. `None` if there will be no more.
    pub(crate) fn receive(&self) -> Option<Applied> {
        self.is_awaited.store(true, Ordering::Relaxed);
        let message = self.channel.receive();
        self.is_awaited.store(false, Ordering::Relaxed);
        message
    }

    /// Whether the service waits for a message.
    pub(crate) fn is_awaited(&self) -> bool {
        self.is_awaited.load(Ordering::Relaxed)
    }

    /// Whether a message waits for the service. Then it is lost.
    pub(crate) fn try_receive(&self) -> bool {
        self.channel.try_receive()
    }
}
