//! What a submission must not contain. It is looked for before any of the submission runs.
//!
//! Three checks, each of which sees what the others miss: the tokens of the source, also inside macros,
//! with line numbers; clippy's list of disallowed items, at a level that no attribute can lower; and the
//! symbols of the compiled crates, where every static shows up, whichever macro declared it.
//!
//! The rule behind them: servers share nothing but messages. Servers that all see the same `static` could
//! agree perfectly without any Raft.

mod enforcement;
mod source;
mod symbols;

pub(crate) use enforcement::Policy;
pub(crate) use source::check_source;
pub(crate) use symbols::check_symbols;
