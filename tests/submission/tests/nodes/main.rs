//! Nodes as processes, and a judge that carries their messages.

#![expect(clippy::unwrap_used, reason = "all of this is a test")]

mod clerks;
mod clock;
mod ends;
mod log_service;
mod requests;
mod support;
mod virtual_time;
