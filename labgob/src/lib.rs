//! Encodes everything that a server sends or saves: RPC arguments and replies, persisted state, and
//! snapshots.
//!
//! Any type that derives serde's `Serialize` and `Deserialize` can be encoded. Decoding makes a copy, so
//! the sender and the receiver of a value share no memory.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Vote {
//!     term: u64,
//!     candidate: Option<usize>,
//! }
//!
//! let bytes = labgob::encode(&Vote { term: 7, candidate: Some(2) });
//! assert_eq!(bytes, [7, 1, 2]);
//! assert_eq!(labgob::decode::<Vote>(&bytes), Ok(Vote { term: 7, candidate: Some(2) }));
//!
//! let error = labgob::decode::<Vote>(&bytes[..2]).unwrap_err();
//! // The bytes hold no field names, so an error counts fields from 0: field 1 is `candidate`.
//! assert_eq!(error.to_string(), "decode Vote: field 1, at byte 2 of 2: the bytes end too early");
//! ```
//!
//! The format is that of bincode 2 with variable-length integers. bincode is no longer maintained, so
//! no other crate of the workspace uses it: to replace it, change `encode.rs` and `decode.rs`.
//!
//! # What it does not do
//!
//! - The bytes do not describe themselves. Both sides must use the same types, and there is no
//!   versioning.
//! - It does not copy a `Vec<u8>` as a whole unless the field is marked
//!   `#[serde(with = "serde_bytes")]`. Without the mark it handles every byte on its own, which is slow.
//! - It does not limit how deep a recursive type nests, nor how many elements a sequence has if they take
//!   no bytes, such as `()`. Do not decode such types from bytes that you do not trust.

mod decode;
mod describe;
mod encode;
mod error;
mod limits;
mod listen;

pub use decode::{decode, decode_prefix};
pub use describe::describe;
pub use encode::{encode, encode_into, encode_silently};
pub use error::{DecodeError, Problem};
pub use limits::MAX_BYTES;
pub use listen::{Encoded, listen_to_encodings};
