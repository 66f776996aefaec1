//! The network as its owner sees it: who is there, who reaches whom, and how well.

use std::sync::Arc;

use crate::client::{ClientEnd, EndId};
use crate::conditions::Conditions;
use crate::message::{Decision, Leg, Message, MessageId};
use crate::service::Server;
use crate::tap::Event;
use crate::transit::Transit;

/// A network in this process, under the control of a test.
///
/// Servers are known by name. A client end is one directed connection, from its owner to one server;
/// it starts closed, and closing it later cuts off its owner from that server. What is on its way over
/// an end when it is closed, or when its server is replaced or deleted, is lost, and the calls it
/// belongs to fail within 100 ms.
///
/// Clones are handles to the same network. It stops when it is shut down, or when the last handle and
/// the last client end are gone.
#[derive(Clone)]
pub struct Network {
    transit: Arc<Transit>,
}

/// What a network has carried since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Requests handed to the network, those that were lost included.
    pub requests: u64,
    /// Encoded bytes of all these requests, and of all replies that were delivered.
    pub bytes: u64,
}

/// A message that the decision hook has held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMessage {
    /// The number by which to release it.
    pub id: MessageId,
    /// Request or reply.
    pub leg: Leg,
    /// The name of who sent it.
    pub from: String,
    /// The name of who is to receive it.
    pub to: String,
    /// The method of the call it belongs to.
    pub method: String,
}

impl Network {
    /// A reliable network without servers. Every random choice it makes comes from `seed`.
    pub fn new(seed: u64) -> Self {
        Network { transit: Transit::new(seed) }
    }

    /// Makes a closed client end by which `from` can call the server named `to`.
    pub fn make_end(&self, from: &str, to: &str) -> ClientEnd {
        let to: Arc<str> = to.into();
        let id = self.transit.state().add_end(from.into(), to.clone());
        ClientEnd::new(id, to, self.transit.clone())
    }

    /// Opens or closes an end.
    pub fn enable(&self, end: EndId, open: bool) {
        self.transit.state().enable(end, open);
    }

    /// Takes the link from `from` to `to` up or down in this direction alone, for requests and for
    /// replies. With one direction down, a server can hear another that cannot hear it.
    pub fn set_link(&self, from: &str, to: &str, up: bool) {
        self.transit.state().set_link(from, to, up);
    }

    /// Lets the server `name` send this many more messages, requests and replies counted alike, and
    /// then cuts it off from everybody in both directions, as if it had crashed at that very message.
    /// What it has sent before still arrives. It ends when a server is added or deleted under that name.
    pub fn cut_after(&self, name: &str, messages: u64) {
        self.transit.state().cut_after(name, messages);
    }

    /// Whether [`Network::cut_after`] has cut off the server `name` by now.
    pub fn is_cut(&self, name: &str) -> bool {
        self.transit.state().is_cut(name)
    }

    /// Sets the conditions of all ends that have none of their own.
    pub fn set_conditions(&self, conditions: Conditions) {
        self.transit.state().conditions = conditions;
    }

    /// Gives one end conditions of its own, or takes them away.
    pub fn set_end_conditions(&self, end: EndId, conditions: Option<Conditions>) {
        self.transit.state().set_end_conditions(end, conditions);
    }

    /// Puts `server` behind `name`, in the place of the one that was there.
    pub fn add_server(&self, name: &str, server: Server) {
        self.transit.state().set_server(name, Some(server));
    }

    /// Takes away the server behind `name`. Handlers that are running go on; their replies are withheld.
    pub fn delete_server(&self, name: &str) {
        self.transit.state().set_server(name, None);
    }

    /// The number of requests that have been delivered to servers of this name.
    pub fn requests_to(&self, name: &str) -> u64 {
        self.transit.state().requests_to(name)
    }

    /// What the network has carried so far.
    pub fn totals(&self) -> Totals {
        self.transit.state().totals
    }

    /// Lets `listener` know of everything that happens to messages, in order.
    ///
    /// It is called with the network locked: it must be quick and must not use the network.
    pub fn listen(&self, listener: impl FnMut(&Event<'_>) + Send + 'static) {
        self.transit.state().listener = Some(Box::new(listener));
    }

    /// Lets `hook` decide about each message that has an open end and a living server.
    ///
    /// It is called with the network locked: it must be quick and must not use the network. It replaces
    /// the hook that was there.
    pub fn intercept(&self, hook: impl FnMut(&Message<'_>) -> Decision + Send + 'static) {
        self.transit.state().hook = Some(Box::new(hook));
    }

    /// Takes the decision hook away. Messages that it holds stay held.
    pub fn stop_intercepting(&self) {
        self.transit.state().hook = None;
    }

    /// The messages that are held, oldest first.
    pub fn held(&self) -> Vec<HeldMessage> {
        self.transit.state().held_messages()
    }

    /// Delivers a held message at once, if its end is open and its server there by now. This is how a
    /// message arrives late: after its caller has given up, or in a later term. `false` if no such
    /// message is held.
    pub fn release(&self, message: MessageId) -> bool {
        self.transit.release(message)
    }

    /// Drops a held message. `false` if no such message is held.
    pub fn discard(&self, message: MessageId) -> bool {
        self.transit.discard(message)
    }

    /// Stops the network: calls under way and all later ones fail at once, and its threads end.
    pub fn shutdown(&self) {
        self.transit.shutdown();
    }
}
