//! What a server answers to a call that it cannot execute.

/// Why a server refused a call. Each reason is a mistake in the calling program.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("no method {method}; this server has {}", list(.known))]
    UnknownMethod { method: String, known: Vec<String> },
    #[error("arguments of {method}: failed to {source}")]
    BadArguments { method: String, source: labgob::DecodeError },
}

fn list(known: &[String]) -> String {
    if known.is_empty() { "no methods".to_owned() } else { known.join(", ") }
}
