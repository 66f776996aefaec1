//! The logs of the servers at the end of a recorded run, as far as their messages tell.
//!
//! A recording has the messages as text, with the names that the submission gives its fields. Three things tell what
//! is in a log: a proposal that a server accepts, the entries that it sends, and those that it says it has taken. What
//! nothing has told since the server started is not known.

mod append;
mod known;
mod show;
mod value;

pub(crate) use show::describe;
