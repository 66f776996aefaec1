//! A key/value store: Get, Put and Append on texts.

mod contradiction;
mod dump;
mod hints;
mod operation;
mod show;
mod step;
mod store;

pub use contradiction::Contradiction;
pub use dump::{LoadError, dump, load};
pub use operation::{Action, Operation};
pub use step::{Step, Suffix};
