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

/// Servers by what they are called on the network, such as `server 1`, or `servers 1, 2 and 5`.
pub(crate) fn servers_in_words(names: &[&str]) -> String {
    let numbers: Vec<&str> =
        names.iter().map(|name| name.strip_prefix("server-").unwrap_or(name)).collect();
    match numbers.as_slice() {
        [] => "no server".to_owned(),
        [one] => format!("server {one}"),
        [first @ .., last] => format!("servers {} and {last}", first.join(", ")),
    }
}

/// A method without its service, such as `AppendEntries`.
pub(crate) fn short_method(method: &str) -> &str {
    method.rsplit('.').next().unwrap_or(method)
}

/// A request of a server, such as "AppendEntries of server 1".
pub(crate) fn request_in_words(method: &str, from: &str) -> String {
    format!("{} of {}", short_method(method), servers_in_words(&[from]))
}

#[cfg(test)]
mod tests {
    use super::{request_in_words, servers_in_words};

    #[test]
    fn request_is_told_without_its_service() {
        assert_eq!(request_in_words("Raft.AppendEntries", "server-1"), "AppendEntries of server 1");
    }

    #[test]
    fn several_servers_are_listed() {
        assert_eq!(servers_in_words(&[]), "no server");
        assert_eq!(servers_in_words(&["server-3"]), "server 3");
        assert_eq!(servers_in_words(&["server-0", "server-2", "server-5"]), "servers 0, 2 and 5");
    }
}
