//! What servers are called.

/// What a server is called on the network.
pub(crate) fn server_name(number: usize) -> String {
    format!("server-{number}")
}

/// What a server is called in reports.
pub(crate) fn server_label(number: usize) -> String {
    format!("server {number}")
}

/// Whether a server is called so on the network.
pub(crate) fn is_server(name: &str) -> bool {
    name.starts_with("server-")
}
