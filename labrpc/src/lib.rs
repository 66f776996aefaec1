//! A mock RPC network for tests of distributed systems. It can disconnect servers, and lose, delay,
//! duplicate and reorder messages.
//!
//! A [`Server`] offers one or more [`Service`]s under a name. A caller reaches it through a
//! [`ClientEnd`]. Arguments and replies cross the network as bytes, so caller and server share no memory.
//! A test controls the [`Network`]: it decides who reaches whom and under which [`Conditions`], receives
//! every [`Event`], and may choose what happens to each message.
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
//! # Servers in other processes
//!
//! A server does not notice whether it is in the process of the network:
//!
//! - Next to the network, [`Network::add_remote_server`] passes its requests on as bytes, a [`Responder`]
//!   takes each answer, and [`Network::call`] makes the calls of its client ends. None of them keeps a
//!   thread waiting.
//! - Next to the server, [`Server::serve`] runs its handlers, and a [`Transport`] carries the calls of its
//!   [client ends](ClientEnd::new).
//!
//! # What it does not do
//!
//! - It does not carry bytes from one process to another: that is left to its user.
//! - It does not keep messages in order. Calls run at the same time, and a later one may overtake an
//!   earlier one.
//! - It does not corrupt messages: what arrives is what was sent.

mod client;
mod conditions;
mod effect;
mod event;
mod local;
mod message;
mod network;
mod outcome;
mod packet;
mod pending;
mod pool;
mod refusal;
mod responder;
mod schedule;
mod sending;
mod server;
mod service;
mod spin;
mod tap;
pub mod thread_pool;
mod topology;
mod traffic;
mod transit;
mod transport;
mod values;

pub use client::ClientEnd;
pub use conditions::{Conditions, Delay};
pub use event::{DropReason, Event, EventKind};
pub use message::{Decision, EndId, Fate, HeldMessage, Leg, Message, MessageId};
pub use network::Network;
pub use outcome::Outcome;
pub use refusal::Refusal;
pub use responder::{Request, Responder};
pub use server::Server;
pub use service::Service;
pub use thread_pool::ThreadPool;
pub use traffic::Totals;
pub use transport::Transport;
pub use values::{Value, listen_to_values};
