//! Services: objects, and the handlers of their methods.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::Leg;
use crate::refusal::Refusal;
use crate::values;

/// Runs a method: decodes its arguments and encodes its reply.
pub(crate) type Handler = Arc<dyn Fn(&[u8]) -> Result<Vec<u8>, Refusal> + Send + Sync>;

/// The same, for a caller that knows which method it is.
type Handle = Box<dyn Fn(&[u8]) -> Result<Vec<u8>, labgob::DecodeError> + Send + Sync>;

/// An object whose methods can be called over the network. Each method is registered by one line.
///
/// ```
/// use std::sync::Arc;
/// use labrpc::Service;
///
/// struct Counter;
/// impl Counter {
///     fn add(&self, args: (i64, i64)) -> i64 {
///         args.0 + args.1
///     }
/// }
///
/// let service = Service::new("Counter", Arc::new(Counter)).method("Add", Counter::add);
/// # let _ = service;
/// ```
pub struct Service<T> {
    name: &'static str,
    object: Arc<T>,
    pub(crate) methods: Methods,
}

/// The handlers of methods, by their full names. None of this depends on the type of an object, so that it is
/// compiled once.
#[derive(Default)]
pub(crate) struct Methods(BTreeMap<String, Handler>);

impl<T: Send + Sync + 'static> Service<T> {
    /// A service that has no methods yet. Callers address a method as `name.method`.
    pub fn new(name: &'static str, object: Arc<T>) -> Self {
        Service { name, object, methods: Methods::default() }
    }

    /// Adds a method. Its handler receives the decoded arguments; the value it returns is the reply.
    ///
    /// Calls run at the same time, each on its own thread of the server, so a handler may block.
    #[must_use]
    pub fn method<A, R>(
        mut self,
        name: &str,
        handler: impl Fn(&T, A) -> R + Send + Sync + 'static,
    ) -> Self
    where
        A: DeserializeOwned,
        R: Serialize,
    {
        let object = self.object.clone();
        let full_name = format!("{}.{name}", self.name);
        let method = full_name.clone();
        let handle = move |args: &[u8]| {
            let args = labgob::decode(args)?;
            let reply = handler(&object, args);
            let bytes = labgob::encode_silently(&reply);
            let describe = |longest| labgob::describe(&reply, longest);
            values::tell(&method, Leg::Reply, &bytes, &describe);
            Ok(bytes)
        };
        self.methods.add(full_name, Box::new(handle));
        self
    }
}

impl Methods {
    fn add(&mut self, method: String, handle: Handle) {
        let full_name = method.clone();
        let handler = move |args: &[u8]| {
            handle(args).map_err(|error| Refusal::bad_arguments(&full_name, &error))
        };
        self.0.insert(method, Arc::new(handler));
    }

    /// Adds those of another service.
    pub(crate) fn extend(&mut self, other: Methods) {
        self.0.extend(other.0);
    }

    pub(crate) fn get(&self, method: &str) -> Option<&Handler> {
        self.0.get(method)
    }

    /// The full names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
