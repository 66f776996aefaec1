//! Lab 3: a key/value service that goes on while a majority of its servers does, and looks like a single
//! one: every operation happens once, at some instant between its call and its return (it is
//! *linearizable*).
//!
//! Each server has a [`KvServer`] beside its [`Raft`](raft::Raft): it proposes what [`Clerk`]s ask for,
//! and carries out what Raft commits. [`server`] and [`client`] are the files that students write; the
//! assignment is this crate's README.

pub mod client;
pub mod server;

pub use client::Clerk;
pub use server::KvServer;
