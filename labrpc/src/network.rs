//! The network as a test controls and observes it.

use std::sync::Arc;

use crate::client::ClientEnd;
use crate::conditions::Conditions;
use crate::event::Event;
use crate::message::{Decision, EndId, HeldMessage, Message, MessageId};
use crate::service::Server;
use crate::traffic::{Totals, Traffic};
use crate::transit::Transit;

/// A network inside this process that a test controls.
///
/// Servers have names. A [`ClientEnd`] connects its owner to one server. It is closed at first, and no
/// call on it succeeds until [`Network::enable`] opens it. When an end is closed, or when its server is
/// replaced or deleted, all messages under way on the end are lost, and their calls fail within 100 ms.
///
/// Clones are handles to the same network. The network stops when it is shut down, or when the last
/// handle and the last client end are dropped.
#[derive(Clone)]
pub struct Network {
    transit: Arc<Transit>,
}

impl Network {
    /// A reliable network without servers. All its random choices derive from `seed`.
    pub fn new(seed: u64) -> Self {
        Network { transit: Transit::new(seed) }
    }

    /// Makes a closed client end on which `from` can call the server named `to`.
    pub fn make_end(&self, from: &str, to: &str) -> ClientEnd {
        let to: Arc<str> = to.into();
        let id = self.transit.traffic().topology.add_end(from.into(), to.clone());
        ClientEnd::new(id, to, self.transit.clone())
    }

    /// Opens or closes an end.
    pub fn enable(&self, end: EndId, open: bool) {
        let Traffic { topology, rng, .. } = &mut *self.transit.traffic();
        topology.enable(end, open, rng);
    }

    /// Takes the link from `from` to `to` up or down, for requests and replies. The opposite direction
    /// stays as it is, so that one server may hear another that cannot hear it.
    pub fn set_link(&self, from: &str, to: &str, up: bool) {
        self.transit.traffic().topology.set_link(from, to, up);
    }

    /// Lets the server `name` send this many more messages, requests and replies together, and then cuts
    /// it off in both directions, as if it had crashed right after the last of them. What it has sent
    /// before still arrives. Adding or deleting a server of that name undoes this.
    pub fn cut_after(&self, name: &str, messages: u64) {
        self.transit.traffic().topology.cut_after(name, messages);
    }

    /// Whether the server `name` is cut off now because of [`Network::cut_after`].
    pub fn is_cut(&self, name: &str) -> bool {
        self.transit.traffic().topology.is_cut(name)
    }

    /// Sets the conditions of all ends that have no conditions of their own.
    pub fn set_conditions(&self, conditions: Conditions) {
        self.transit.traffic().topology.conditions = conditions;
    }

    /// Gives an end conditions of its own. With `None` it has those of the network again.
    pub fn set_end_conditions(&self, end: EndId, conditions: Option<Conditions>) {
        self.transit.traffic().topology.set_end_conditions(end, conditions);
    }

    /// Adds a server. It replaces the server of the same name, if there is one.
    pub fn add_server(&self, name: &str, server: Server) {
        self.set_server(name, Some(server));
    }

    /// Deletes the server `name`. Handlers that are running continue, but their replies are dropped.
    pub fn delete_server(&self, name: &str) {
        self.set_server(name, None);
    }

    fn set_server(&self, name: &str, server: Option<Server>) {
        let Traffic { topology, rng, .. } = &mut *self.transit.traffic();
        topology.set_server(name, server, rng);
    }

    /// How many requests have been delivered to servers of this name.
    pub fn requests_to(&self, name: &str) -> u64 {
        self.transit.traffic().topology.requests_to(name)
    }

    /// What the network has carried so far.
    pub fn totals(&self) -> Totals {
        self.transit.traffic().totals
    }

    /// Calls `listener` for everything that happens to messages, in order. It replaces any earlier
    /// listener.
    ///
    /// The network is locked meanwhile, so `listener` must be quick and must not use the network.
    pub fn listen(&self, listener: impl FnMut(&Event<'_>) + Send + 'static) {
        self.transit.traffic().tap.listener = Some(Box::new(listener));
    }

    /// Calls `hook` for each message whose recipient can be reached, to decide what happens to it. It
    /// replaces any earlier hook.
    ///
    /// The network is locked meanwhile, so `hook` must be quick and must not use the network.
    pub fn intercept(&self, hook: impl FnMut(&Message<'_>) -> Decision + Send + 'static) {
        self.transit.traffic().tap.hook = Some(Box::new(hook));
    }

    /// Removes the hook. Messages that it has held stay held.
    pub fn stop_intercepting(&self) {
        self.transit.traffic().tap.hook = None;
    }

    /// All held messages, oldest first.
    pub fn held(&self) -> Vec<HeldMessage> {
        self.transit.traffic().held_messages()
    }

    /// Delivers a held message at once, or drops it if its recipient cannot be reached now. With this a
    /// test can have a message arrive late: after its caller has timed out, or in a later term. Returns
    /// `false` if there is no such held message.
    pub fn release(&self, message: MessageId) -> bool {
        self.transit.release(message)
    }

    /// Drops a held message. Returns `false` if there is no such held message.
    pub fn discard(&self, message: MessageId) -> bool {
        self.transit.discard(message)
    }

    /// Stops the network: all calls under way and all later ones fail at once, and its threads end.
    pub fn shutdown(&self) {
        self.transit.shutdown();
    }
}
