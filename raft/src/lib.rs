//! Lab 2: Raft, the consensus algorithm of Ongaro and Ousterhout's "In Search of an Understandable
//! Consensus Algorithm (Extended Version)". Comments that name a section or a figure mean that paper.
//!
//! A service that wants to be replicated runs one [`Raft`] on each of its servers. It proposes commands
//! with [`Raft::start`] and executes the [`ApplyMsg`]s that arrive on its apply channel: the same commands
//! in the same order on every server.
//!
//! [`raft`](mod@crate::raft) is the file that students write; the assignment is this crate's README. The
//! rest is given: the [`Persister`], the messages to the service, a [`ThreadPool`] for calls, and the
//! network of [`labrpc`].

mod apply;
mod persister;
pub mod raft;

use labrpc::thread_pool;

pub use apply::{ApplyMsg, Index, Started, Term};
pub use persister::{Persister, SaveObserver, Saved};
pub use raft::Raft;
pub use thread_pool::ThreadPool;
