//! What the processes of a run say for its recording. Each knows a part.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::event::{Event, Leg};

/// A line of the judge. It sees bytes, and the servers and clerks know what they mean; so a message is joined with
/// its text by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Raw {
    /// A message that was sent, without its text, and the hash of its bytes.
    Sent {
        /// The event.
        #[serde(flatten)]
        event: Event,
        /// What [`hash`] returns for its bytes.
        hash: u64,
    },
    /// A save, without what is in it.
    Saved {
        /// The event.
        #[serde(flatten)]
        event: Event,
        /// What [`hash`] returns for the state that is saved.
        state_hash: u64,
        /// And for the snapshot, if one is saved with it.
        snapshot_hash: Option<u64>,
    },
    /// The first line: when the test began, in nanoseconds since 1970.
    Began {
        /// That time.
        began: u64,
    },
    /// Anything else.
    Event(Event),
}

/// A line of a node. It is about that node itself, whatever it says, and is taken for a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Claim {
    /// What the bytes of a message mean that the node sends.
    Text {
        /// The method that is called.
        method: String,
        /// Whether they are arguments or a reply.
        leg: Leg,
        /// What [`hash`] returns for them.
        hash: u64,
        /// What they mean.
        text: String,
    },
    /// What bytes mean that the node has encoded, to save them or to hand them to Raft.
    Encoded {
        /// What [`hash`] returns for them.
        hash: u64,
        /// What they mean.
        text: String,
    },
    /// What the submission logs.
    Log {
        /// When.
        at: Moment,
        /// How important it is, such as `INFO`.
        level: String,
        /// The line.
        text: String,
        /// The place in the code.
        place: String,
    },
    /// A thread is interrupted.
    Interrupt {
        /// When.
        at: Moment,
        /// The place in the code.
        place: String,
        /// For how many nanoseconds at least.
        pause: u64,
    },
}

/// A time as a node knows it, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Moment {
    /// Since the test began, in virtual time.
    Virtual(u64),
    /// Since 1970.
    Unix(u64),
}

/// The time now, in nanoseconds since 1970.
pub fn unix_time() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_nanos()).unwrap_or(u64::MAX)
}

/// What stands for the bytes of a message: the same in all processes of a run.
pub fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// What a process says, as a line with its end.
pub fn line(said: &impl Serialize) -> Vec<u8> {
    // All of the types above can be written.
    let mut line = serde_json::to_vec(said).unwrap_or_default();
    line.push(b'\n');
    line
}
