//! Services: objects, and the handlers of their methods.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

/// Runs a method: decodes its arguments and encodes its reply.
pub(crate) type Handler = Arc<dyn Fn(&[u8]) -> Result<Vec<u8>, Refusal> + Send + Sync>;

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
    pub(crate) methods: BTreeMap<String, Handler>,
}

impl<T: Send + Sync + 'static> Service<T> {
    /// A service that has no methods yet. Callers address a method as `name.method`.
    pub fn new(name: &'static str, object: Arc<T>) -> Self {
        Service { name, object, methods: BTreeMap::new() }
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
        let method = format!("{}.{name}", self.name);
        let full_name = method.clone();
        let handle = move |args: &[u8]| match labgob::decode(args) {
            Ok(args) => Ok(labgob::encode(&handler(&object, args))),
            Err(error) => Err(Refusal::bad_arguments(&full_name, &error)),
        };
        self.methods.insert(method, Arc::new(handle));
        self
    }
}
