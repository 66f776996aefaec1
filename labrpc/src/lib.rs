//! A mock RPC network for tests of distributed systems: it can disconnect servers, and lose, delay,
//! duplicate and reorder messages.
//!
//! Servers offer [`Service`]s under a name, and callers reach them through a [`ClientEnd`]. Only bytes
//! cross between the two. A test owns the [`Network`]: it says who reaches whom, under which
//! [`Conditions`], listens to every [`Event`], and can decide the fate of each message by itself.
//!
//! ```
//! use std::sync::Arc;
//! use labrpc::{Network, Server, Service};
//!
//! struct Greeter;
//! impl Greeter {
//!     fn greet(&self, name: String) -> String {
//!         format!("hello, {name}")
//!     }
//! }
//!
//! let network = Network::new(1);
//! let service = Service::new("Greeter", Arc::new(Greeter)).method("Greet", Greeter::greet);
//! network.add_server("greeter", Server::new().with(service));
//!
//! let end = network.make_end("me", "greeter");
//! network.enable(end.id(), true);
//! assert_eq!(end.call("Greeter.Greet", "Ada"), Some("hello, Ada".to_owned()));
//!
//! network.enable(end.id(), false);
//! assert_eq!(end.call::<_, String>("Greeter.Greet", "Ada"), None);
//! ```
//!
//! # What it does not do
//!
//! - It is one process: there are no sockets. What servers and clients are given would allow for more.
//! - It does not order messages: calls run at the same time, and overtake each other.
//! - It does not break messages. What arrives is what was sent.

mod call;
mod client;
mod conditions;
mod error;
mod lookout;
mod message;
mod network;
mod packet;
mod pool;
mod service;
mod state;
mod tap;
mod timer;
mod transit;

pub use client::{ClientEnd, EndId};
pub use conditions::{Conditions, Delay};
pub use message::{Decision, Leg, Message, MessageId};
pub use network::{HeldMessage, Network, Totals};
pub use service::{Server, Service};
pub use tap::{DropReason, Event, EventKind};
