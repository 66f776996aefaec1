//! Says whether a recorded history is linearizable: whether each call can have happened at one instant
//! between its begin and its end, so that all answers are those of a single server that does one thing
//! after the other (Herlihy and Wing, "Linearizability: A Correctness Condition for Concurrent Objects").
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
//! A history is split into independent partitions, for a key/value store one a key (Herlihy and Wing's
//! locality). In each, a depth-first search orders the calls (Wing and Gong, "Testing and Verifying
//! Concurrent Objects"), and remembers the configurations from which no order leads on (Lowe, "Testing
//! for Linearizability"). A configuration is small here: how many returns are explained, which of the
//! calls in flight at the next return are placed already, and the state. Four things make it fast, and
//! none changes a verdict:
//!
//! - a read that is legal now is placed now, without an alternative;
//! - partitions take turns, with growing budgets, so that one that is hopeless holds up no other;
//! - texts are compared by length and a 61-bit fingerprint (two different texts that look the same would
//!   make a check too kind: about one chance in 10^18 for each pair);
//! - a Get that shows what an Append has appended shows what it was appended to, so that this Append has
//!   one place at most. That works if values are unique and end in a character that they do not contain
//!   elsewhere; other histories are searched without.
//!
//! # What it does not do
//!
//! It does not decide everything: the problem is NP-complete. A search that comes to its limits ends in
//! [`Verdict::Unknown`], which is not a pass. It knows no other consistency conditions.

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
pub mod register;
mod search;

pub use call::Call;
pub use check::{Limits, Verdict, Violation, check};

pub use evidence::Evidence;
pub use explain::explain;
pub use model::Model;
pub use page::{Note, page};
