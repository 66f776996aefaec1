//! Checks whether a recorded history is linearizable: whether each call can have taken effect at one
//! instant between its begin and its end, so that all answers are those of a single server that does one
//! thing after the other (Herlihy and Wing, "Linearizability: A Correctness Condition for Concurrent
//! Objects").
//!
//! ```
//! use linearizability::kv::{Action, Operation};
//! use linearizability::{Call, Limits, Verdict, check};
//!
//! let call = |client, called, returned, action| Call {
//!     client,
//!     called,
//!     returned: Some(returned),
//!     operation: Operation { key: "k".to_owned(), action },
//! };
//! let put = call(0, 0, 10, Action::Put { value: "new".to_owned() });
//! let during = call(1, 5, 15, Action::Get { value: Some(String::new()) });
//! let after = call(1, 20, 30, Action::Get { value: Some(String::new()) });
//!
//! assert!(matches!(check(&[put.clone(), during], &Limits::default()), Verdict::Linearizable));
//! assert!(matches!(check(&[put, after], &Limits::default()), Verdict::Illegal(_)));
//! ```
//!
//! # How it works
//!
//! The keys of a history are independent of each other (Herlihy and Wing's locality), so each is checked
//! by itself. A depth-first search orders the calls of a key (Wing and Gong, "Testing and Verifying
//! Concurrent Objects"). It remembers the configurations that no order can continue from (Lowe, "Testing
//! for Linearizability"). A configuration is small: how many returns are explained, which of the calls in
//! flight at the next return are placed already, and the state. Four things make the search fast:
//!
//! - A read that is legal now is placed now, without an alternative.
//! - Keys take turns, with growing budgets, so that one hopeless key does not hold up the others.
//! - Texts are compared by length and a 61-bit fingerprint. Two different texts with the same fingerprint
//!   could hide a violation: about one chance in 10^18 for each pair.
//! - A Get that shows an appended value also shows what it was appended to, so this Append can be in one
//!   place only. This needs unique values that end in a character that they do not contain elsewhere;
//!   other histories are searched without it.
//!
//! # What it does not do
//!
//! The problem is NP-complete, so some histories stay undecided: a search that reaches its limits ends in
//! [`Verdict::Unknown`], which is not a pass. Other consistency conditions are not checked.

mod any_search;
mod call;
mod check;
mod evidence;
mod explain;
mod fingerprint;
mod flights;
pub mod kv;
mod mask;
mod model;
mod page;
mod parallel;
mod partition;
pub mod register;
mod search;

pub use call::Call;
pub use check::{Limits, Verdict, Violation, check};
pub use evidence::Evidence;
pub use explain::explain;
pub use model::Model;
pub use page::{Note, page};
