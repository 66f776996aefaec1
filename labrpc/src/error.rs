//! What a server answers to a call that it cannot understand.

/// Why a server refused a call. Both are mistakes in the program that calls.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("no method {method}; this server has {}", list(.known))]
    UnknownMethod { method: String, known: Vec<String> },
    #[error("arguments of {method}: failed to {source}")]
    BadArguments { method: String, source: labgob::DecodeError },
}

fn list(known: &[String]) -> String {
    if known.is_empty() { "none at all".to_owned() } else { known.join(", ") }
}
