//! The processes of the submission, as the judge of a test sees them.
//!
//! A [`Node`] is one life of a server, or one clerk. It reaches others through the network of the test, and
//! whatever it says is checked here or by its owner before it counts.
//!
//! | to look up | where |
//! |---|---|
//! | what a node may say, and what follows | `node` |
//! | the client ends and the requests of a node | `ports` |
//! | questions to a node that wait for their answers | `pending` |
//! | frames on the clock, and turns in virtual time | `link` |
//! | what a node may send | `bounds` |
//! | how the end of a node is worded | `failures` |

mod bounds;
mod failures;
mod link;
mod node;
mod pending;
mod ports;

pub(crate) use bounds::MAX_DISK;
pub(crate) use failures::broken_protocol;
pub(crate) use node::{Node, Owner, Start};
