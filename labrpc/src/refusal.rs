//! What a server answers to a call that it cannot execute.

/// Why a server refused a call, in words. Each reason is a mistake in the calling program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(String);

impl Refusal {
    /// A refusal for this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Refusal(reason.into())
    }

    /// The server has no such method, only the `known` ones.
    pub(crate) fn unknown_method<'a>(method: &str, known: impl Iterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.collect();
        let known = if known.is_empty() { "no methods".to_owned() } else { known.join(", ") };
        Refusal(format!("no method {method}; this server has {known}"))
    }

    /// The arguments are not those of the method.
    pub(crate) fn bad_arguments(method: &str, error: &labgob::DecodeError) -> Self {
        Refusal(format!("arguments of {method}: failed to {error}"))
    }
}
