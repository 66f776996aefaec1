//! The network as a test controls and observes it.

use std::mem::replace;
use std::ops::Bound;
use std::sync::Arc;

use crate::client::ClientEnd;
use crate::conditions::Conditions;
use crate::event::Event;
use crate::local::LocalTransport;
use crate::message::{Decision, EndId, Fate, HeldMessage, Message, MessageId};
use crate::outcome::Outcome;
use crate::responder::{Handle, Request, Responder};
use crate::server::Server;
use crate::traffic::Totals;
use crate::transit::Running;

/// A network that a test controls.
///
/// Servers have names. A [`ClientEnd`] connects its owner to one server. It is closed at first, and no
/// call on it succeeds until [`Network::enable`] opens it. When an end is closed, or when its server is
/// replaced or deleted, all messages under way on the end are lost, and their calls fail within 100 ms.
///
/// Clones are handles to the same network. The network stops when it is shut down, or when the last
/// handle and the last client end are dropped.
///
/// # Callbacks
///
/// A call tells its caller how it ended through a callback, and a remote server gets its requests through
/// one. Callbacks run without the lock of the network, so they may use it. They run on the thread whose
/// message, answer or shutdown caused them, or on the timer of the network. Therefore
///
/// - they must return soon and must not panic;
/// - they must not need a lock that is held around [`Network::call`], [`Network::release`],
///   [`Network::discard`], [`Network::shutdown`], [`Responder::reply`], or where the last handle is
///   dropped. The other methods run no callbacks.
///
/// Messages that one thread sends without a delay arrive in their order. Of the messages of two threads,
/// either may arrive first.
#[derive(Clone)]
pub struct Network {
    running: Arc<Running>,
}

impl Network {
    /// A reliable network without servers. All its random choices derive from `seed`.
    pub fn new(seed: u64) -> Self {
        Network { running: Running::new(seed) }
    }

    /// Makes a closed client end on which `from` can call the server named `to`.
    pub fn make_end(&self, from: &str, to: &str) -> ClientEnd {
        let id = self.running.traffic().topology.add_end(from.into(), to.into());
        ClientEnd::new(id, to, Arc::new(LocalTransport::new(self.running.clone())))
    }

    /// Begins a call on an end, as [`ClientEnd::call`] does, and returns without waiting for it.
    ///
    /// `done` is told how the call ended, exactly once, possibly before this method returns; see
    /// [Callbacks](Network#callbacks). The call fails after 7 seconds if it has not ended before, and at
    /// once if the network has been shut down. It is refused if `end` is not an end of this network.
    pub fn call(
        &self,
        end: EndId,
        method: &str,
        args: Vec<u8>,
        done: impl FnOnce(Outcome) + Send + 'static,
    ) {
        self.running.call(end, method, args, Box::new(done));
    }

    /// Opens or closes an end.
    pub fn enable(&self, end: EndId, open: bool) {
        self.running.update(|traffic| traffic.enable(end, open));
    }

    /// Takes the link from `from` to `to` up or down, for requests and replies. The opposite direction
    /// stays as it is, so that one server may hear another that cannot hear it.
    pub fn set_link(&self, from: &str, to: &str, up: bool) {
        self.running.traffic().topology.set_link(from, to, up);
    }

    /// Lets the server `name` send this many more messages, requests and replies together, and then cuts
    /// it off in both directions, as if it had crashed right after the last of them. What it has sent
    /// before still arrives. Adding or deleting a server of that name undoes this.
    pub fn cut_after(&self, name: &str, messages: u64) {
        self.running.traffic().topology.cut_after(name, messages);
    }

    /// Whether the server `name` is cut off now because of [`Network::cut_after`].
    pub fn is_cut(&self, name: &str) -> bool {
        self.running.traffic().topology.is_cut(name)
    }

    /// Sets the conditions of all ends that have no conditions of their own.
    pub fn set_conditions(&self, conditions: Conditions) {
        self.running.traffic().topology.conditions = conditions;
    }

    /// Gives an end conditions of its own. With `None` it has those of the network again.
    pub fn set_end_conditions(&self, end: EndId, conditions: Option<Conditions>) {
        self.running.traffic().topology.set_end_conditions(end, conditions);
    }

    /// Adds a server whose handlers run in this process. It replaces the server of the same name, if there
    /// is one.
    pub fn add_server(&self, name: &str, server: Server) {
        self.set_server(name, Some(server.into_handle()));
    }

    /// Adds a server that is somewhere else, for example in another process. It replaces the server of the
    /// same name, if there is one.
    ///
    /// `handle` gets each request that arrives, and passes it on without waiting for the answer; see
    /// [Callbacks](Network#callbacks). It is dropped soon after the server is deleted or replaced, or the
    /// network shut down. A handle of the network in it keeps the network running until then; a
    /// [`Responder`] does not.
    pub fn add_remote_server(
        &self,
        name: &str,
        handle: impl Fn(Request, Responder) + Send + Sync + 'static,
    ) {
        self.set_server(name, Some(Arc::new(handle)));
    }

    /// Deletes the server `name`. Handlers that are running continue, but their replies are dropped.
    pub fn delete_server(&self, name: &str) {
        self.set_server(name, None);
    }

    fn set_server(&self, name: &str, server: Option<Handle>) {
        let old = self.running.update(|traffic| traffic.set_server(name, server));
        drop(old);
    }

    /// How many requests have been delivered to servers of this name.
    pub fn requests_to(&self, name: &str) -> u64 {
        self.running.traffic().topology.requests_to(name)
    }

    /// What the network has carried so far.
    pub fn totals(&self) -> Totals {
        self.running.traffic().totals
    }

    /// Calls `listener` for everything that happens to messages, in order. It replaces any earlier
    /// listener.
    ///
    /// The network is locked meanwhile, so `listener` must be quick and must not use the network.
    pub fn listen(&self, listener: impl FnMut(&Event<'_>) + Send + 'static) {
        let listener = Some(Box::new(listener) as _);
        let old = self.running.update(|traffic| replace(&mut traffic.tap.listener, listener));
        drop(old);
    }

    /// Calls `hook` for each message whose recipient can be reached, to decide what happens to it. It
    /// replaces any earlier hook.
    ///
    /// The network is locked meanwhile, so `hook` must be quick and must not use the network.
    pub fn intercept(&self, hook: impl FnMut(&Message<'_>) -> Decision + Send + 'static) {
        let hook = Some(Box::new(hook) as _);
        let old = self.running.update(|traffic| replace(&mut traffic.tap.hook, hook));
        drop(old);
    }

    /// Calls `fates` for each message whose loss and delay are due to the conditions of its link, to learn what
    /// chooses them. Until then chance does, by the network's seed.
    ///
    /// The network is locked meanwhile, so `fates` must be quick and must not use the network.
    pub fn set_fates(&self, fates: impl FnMut(&Message<'_>) -> Fate + Send + 'static) {
        let fates = Some(Box::new(fates) as _);
        let old = self.running.update(|traffic| replace(&mut traffic.tap.fates, fates));
        drop(old);
    }

    /// Removes the hook. Messages that it has held stay held.
    pub fn stop_intercepting(&self) {
        let old = self.running.update(|traffic| traffic.tap.hook.take());
        drop(old);
    }

    /// All held messages, oldest first.
    pub fn held(&self) -> Vec<HeldMessage> {
        self.running.traffic().held_messages(..)
    }

    /// The held messages that were sent after this one, oldest first. A test that looks again and again need not
    /// look at the same messages twice.
    pub fn held_after(&self, message: MessageId) -> Vec<HeldMessage> {
        self.running.traffic().held_messages((Bound::Excluded(message), Bound::Unbounded))
    }

    /// Delivers a held message at once, or drops it if its recipient cannot be reached now. With this a
    /// test can have a message arrive late: after its caller has timed out, or in a later term. Returns
    /// `false` if there is no such held message.
    pub fn release(&self, message: MessageId) -> bool {
        self.running.update(|traffic| traffic.release(message))
    }

    /// Delivers a held request twice, as if the network had duplicated it. The caller uses the first reply that arrives.
    /// Returns `false` if there is no such held message.
    pub fn release_twice(&self, message: MessageId) -> bool {
        self.running.update(|traffic| traffic.release_twice(message))
    }

    /// Drops a held message. Returns `false` if there is no such held message.
    pub fn discard(&self, message: MessageId) -> bool {
        self.running.update(|traffic| traffic.discard(message))
    }

    /// Stops the network: all calls under way and all later ones fail at once, and its threads end.
    pub fn shutdown(&self) {
        self.running.shutdown();
    }
}
