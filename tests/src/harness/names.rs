//! What servers are called, on the network and in reports of their threads.

/// What a server is called on the network.
pub(crate) fn server_name(number: usize) -> String {
    format!("server-{number}")
}

/// The number by which a simulation knows the owner of a server's threads.
pub(crate) fn owner(number: usize) -> u32 {
    u32::try_from(number).expect("there are few servers")
}
