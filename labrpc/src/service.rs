//! Servers, and the handlers of their methods.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

type Handler = Box<dyn Fn(&[u8]) -> Result<Vec<u8>, labgob::DecodeError> + Send + Sync>;

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
    methods: BTreeMap<String, Handler>,
}

impl<T: Send + Sync + 'static> Service<T> {
    /// A service that has no methods yet. Callers address a method as `name.method`.
    pub fn new(name: &'static str, object: Arc<T>) -> Self {
        Service { name, object, methods: BTreeMap::new() }
    }

    /// Adds a method. Its handler receives the decoded arguments; the value it returns is the reply.
    ///
    /// Calls run at the same time, each on its own thread of the network, so a handler may block.
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
        let handle = move |args: &[u8]| {
            let args = labgob::decode(args)?;
            Ok(labgob::encode(&handler(&object, args)))
        };
        self.methods.insert(format!("{}.{name}", self.name), Box::new(handle));
        self
    }
}

/// Wraps the execution of a handler: calls its argument exactly once.
type Around = Box<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

/// The services behind one name on the network.
#[derive(Default)]
pub struct Server {
    methods: BTreeMap<String, Handler>,
    around: Option<Around>,
}

impl Server {
    /// A server that has no services yet.
    pub fn new() -> Self {
        Server::default()
    }

    /// Adds a service.
    #[must_use]
    pub fn with<T>(mut self, service: Service<T>) -> Self {
        self.methods.extend(service.methods);
        self
    }

    /// Wraps every handler in `around`, for example to prepare the thread that the handler runs on.
    /// `around` must call its argument exactly once.
    #[must_use]
    pub fn called_by(mut self, around: impl Fn(&mut dyn FnMut()) + Send + Sync + 'static) -> Self {
        self.around = Some(Box::new(around));
        self
    }

    /// Runs the handler of `method` and returns the encoded reply.
    pub(crate) fn dispatch(&self, method: &str, args: &[u8]) -> Result<Vec<u8>, Refusal> {
        let handler = self.methods.get(method).ok_or_else(|| Refusal::UnknownMethod {
            method: method.to_owned(),
            known: self.methods.keys().cloned().collect(),
        })?;
        let mut result = None;
        let mut handle = || result = Some(handler(args));
        match &self.around {
            Some(around) => around(&mut handle),
            None => handle(),
        }
        let result = result.expect("`called_by` requires that the wrapper calls the handler");
        result.map_err(|source| Refusal::BadArguments { method: method.to_owned(), source })
    }
}
