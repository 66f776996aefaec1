//! The smallest server: it sends back what it gets, on a network that loses one message in ten.
//! `cargo run --package labrpc --example echo`

use std::sync::Arc;

use labrpc::{Conditions, Network, Server, Service};

struct Echo;

impl Echo {
    fn echo(&self, text: String) -> String {
        text
    }
}

fn main() {
    let network = Network::new(1);
    network.set_conditions(Conditions::unreliable());

    let service = Service::new("Echo", Arc::new(Echo)).method("Echo", Echo::echo);
    network.add_server("server", Server::new().with(service));

    let server = network.make_end("client", "server");
    network.enable(server.id(), true);

    for attempt in 1.. {
        match server.call::<_, String>("Echo.Echo", "is anybody there?") {
            Some(reply) => return println!("attempt {attempt}: {reply}"),
            None => println!("attempt {attempt}: no reply"),
        }
    }
}
