//! Lab 3: a key/value service that keeps working as long as a majority of its servers does. It is
//! *linearizable*: clients cannot tell it from a single server, as every operation takes effect once, at
//! one instant between its call and its return.
//!
//! Each server runs a [`KvServer`] on top of its [`Raft`](raft::Raft). It proposes what [`Clerk`]s ask for,
//! and executes what Raft commits. [`server`] and [`client`] are the files that students write; the
//! assignment is this crate's README.

pub mod client;
pub mod server;

pub use client::Clerk;
pub use server::KvServer;
