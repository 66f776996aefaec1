//! An echo server on a network that loses one message in ten.
//!
//! Run it with `cargo run --package labrpc --example echo`.

use std::sync::Arc;

use labrpc::{Conditions, Network, Server, Service};

struct Echo;

impl Echo {
    /// A handler takes the arguments of a call and returns the reply.
    fn echo(&self, text: String) -> String {
        text
    }
}

fn main() {
    // The seed decides which messages are lost. Try another one.
    let network = Network::new(3);
    network.set_conditions(Conditions::unreliable());

    // The server offers one method, `Echo.Echo`.
    let service = Service::new("Echo", Arc::new(Echo)).method("Echo", Echo::echo);
    network.add_server("server", Server::new().with(service));

    // The client reaches it through an end, which is closed until it is enabled.
    let server = network.make_end("client", "server");
    network.enable(server.id(), true);

    for number in 1..=10 {
        let reply: Option<String> = server.call("Echo.Echo", &format!("hello {number}"));
        match reply {
            Some(text) => println!("call {number}: {text}"),
            None => println!("call {number}: no reply"),
        }
    }
}
