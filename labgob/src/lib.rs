//! Encoding of all that crosses between servers or survives a crash: RPC arguments and replies,
//! persisted state, snapshots.
//!
//! Any type that derives serde's `Serialize` and `Deserialize` can be encoded. What is decoded is a
//! copy: nothing is shared between who encodes and who decodes.
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
//! // Fields have no names in the bytes: they are counted from 0.
//! assert_eq!(error.to_string(), "decode Vote: field 1, at byte 2 of 2: the bytes end too early");
//! ```
//!
//! The format is that of bincode 2, with integers of variable length. Version 3 of that crate is only a
//! notice that the project has ended, so bincode appears in this crate alone, behind these two
//! functions: to replace it is to change `encode.rs` and `decode.rs`.
//!
//! # What it does not do
//!
//! - The bytes do not say what they are: both sides need the same types, and there are no versions.
//! - A field of bytes is best marked `#[serde(with = "serde_bytes")]`: it is then copied as a whole.
//! - A type that is recursive, or holds a sequence of elements that take no bytes, is decoded as far as
//!   the bytes ask for. Do not decode such types from bytes that you do not trust.

mod decode;
mod encode;
mod error;

pub use decode::{MAX_BYTES, decode};
pub use encode::encode;
pub use error::{DecodeError, Problem};
