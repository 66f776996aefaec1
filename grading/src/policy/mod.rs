//! What a submission may not contain, found before any of it runs.
//!
//! Three gates, each seeing what another misses: the tokens of the source (inside of macros, too), with
//! line numbers; clippy's list of disallowed items, at a level that no attribute lowers; and the symbols of
//! the compiled crate, where every static shows, whatever macro made it.
//!
//! The rule behind them: servers share nothing but messages. A `static` that all servers of the process see
//! would give perfect agreement without any Raft.

mod source;
mod symbols;

pub(crate) use source::check_source;
pub(crate) use symbols::check_symbols;
