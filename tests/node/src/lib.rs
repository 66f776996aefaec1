//! The process of one life of a server, or of one clerk: where the submission runs.
//!
//! A *node* is started by the runner, with pipes to the judge as its standard input and output. It learns what it is
//! from the first frame, makes the submission's server or clerk ([`Make`]), and from then on carries messages: requests
//! to the server's handlers, calls of client ends to the judge, saves, applied commands, and answers. What
//! the submission does in this process, statics, leaked threads and all, ends with the process.
//!
//! On both clocks one thread receives what the judge says, and never runs code of the submission. Messages
//! to the judge go through the `connection`. On the clock each is written at once. In virtual time they are
//! collected until all threads wait; then the node's simulation hands over the turn (`turns`).
//!
//! # What it does not do
//!
//! - It judges nothing: what Raft applies is passed on as it is, and a disk is kept by the judge.
//! - It does not survive a panic of any thread, or the end of the judge.

mod applied;
mod calls;
mod connection;
mod disk;
mod end;
mod ends;
mod exit;
mod inbox;
mod incoming;
mod life;
mod log_service;
mod logging;
mod orders;
mod outbox;
mod queue;
mod recording;
mod running;
mod server;
mod start;
mod state;
mod submission;
mod text;
mod turns;

pub use disk::Saves;
pub use ends::Ends;
pub use start::main;
pub use submission::{ApplyChannel, Clerk, Make, Raft, Submission};
