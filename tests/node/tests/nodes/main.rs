//! Nodes as processes, and a judge that carries their messages.

mod clerks;
mod clock;
mod ends;
mod log_service;
mod requests;
mod support;
mod virtual_time;
