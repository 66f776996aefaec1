//! Lab 2: Raft, the consensus algorithm of Ongaro and Ousterhout's "In Search of an Understandable
//! Consensus Algorithm (Extended Version)". Sections and figures that the comments name are those of
//! that paper.
//!
//! A service that wants to be replicated makes one [`Raft`] on each of its servers. It proposes
//! commands with [`Raft::start`], and carries out what arrives on its apply channel as [`ApplyMsg`]s:
//! the same commands in the same order on every server.
//!
//! [`raft`](mod@crate::raft) is the file that students write; the assignment is this crate's README.
//! What is given stands beside it: the [`Persister`], the messages to the service, [`Couriers`] to make
//! calls with, and the network of [`labrpc`].

mod apply;
mod couriers;
mod persister;
pub mod raft;

pub use apply::{ApplyMsg, Index, Started, Term};
pub use couriers::Couriers;
pub use persister::Persister;
pub use raft::Raft;
