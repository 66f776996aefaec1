//! Why a service needs a majority of its servers, and why a majority alone is not enough.
//!
//! Run it with `cargo run --package labrpc --example split_brain`.

use std::sync::{Arc, Mutex};

use labrpc::{ClientEnd, Network, Server, Service};

const CLIENTS: [&str; 2] = ["Ann", "Ben"];

/// A test-and-set server: it gives its lock to whoever asks first. It also has a register, which keeps what was written
/// last, and remembers all writes.
#[derive(Default)]
struct Lock {
    owner: Mutex<Option<String>>,
    writes: Mutex<Vec<String>>,
}

impl Lock {
    /// Whether the lock belongs to this client now.
    fn acquire(&self, client: String) -> bool {
        *self.owner.lock().expect("no handler panics").get_or_insert(client.clone()) == client
    }

    fn write(&self, value: String) {
        self.writes.lock().expect("no handler panics").push(value);
    }
}

/// A network with servers that are numbered from 1, and two clients.
struct World {
    network: Network,
    locks: Vec<Arc<Lock>>,
    /// By client and server.
    ends: Vec<Vec<ClientEnd>>,
}

impl World {
    fn with_servers(count: usize) -> Self {
        let network = Network::new(1);
        let names: Vec<String> = (1..=count).map(|number| format!("server {number}")).collect();
        let locks: Vec<Arc<Lock>> = names.iter().map(|_| Arc::default()).collect();
        for (name, lock) in names.iter().zip(&locks) {
            let service = Service::new("Lock", lock.clone())
                .method("Acquire", Lock::acquire)
                .method("Write", Lock::write);
            network.add_server(name, Server::new().with(service));
        }
        let connect = |client: &str, server: &String| {
            let end = network.make_end(client, server);
            network.enable(end.id(), true);
            end
        };
        let ends =
            CLIENTS.map(|client| names.iter().map(|server| connect(client, server)).collect());
        World { network, locks, ends: ends.into() }
    }

    /// Cuts the network in two: from now on Ann reaches only server 1, and Ben all others.
    fn split(&self) {
        for (client, ends) in self.ends.iter().enumerate() {
            for (server, end) in ends.iter().enumerate() {
                self.network.enable(end.id(), (client == 0) == (server == 0));
            }
        }
    }

    /// Has each client ask all servers for the lock, and lets it win if `enough` give it away. Returns who wins.
    fn race(&self, enough: impl Fn(usize) -> bool) -> Vec<&'static str> {
        let mut winners = Vec::new();
        for (client, ends) in CLIENTS.into_iter().zip(&self.ends) {
            let replies: Vec<Option<bool>> =
                ends.iter().map(|end| end.call("Lock.Acquire", client)).collect();
            for (number, reply) in (1..).zip(&replies) {
                let answer = match reply {
                    Some(true) => "gives it the lock",
                    Some(false) => "says that another has it",
                    None => "does not answer",
                };
                println!("    {client}: server {number} {answer}");
            }
            let granted = replies.iter().filter(|reply| **reply == Some(true)).count();
            let wins = enough(granted);
            println!(
                "    {client} {}",
                if wins { "goes on, as the owner" } else { "does not go on" }
            );
            if wins {
                winners.push(client);
            }
        }
        winners
    }
}

fn main() {
    println!("1. Two servers: any server that answers will do, so that one of them may crash.\n");
    let world = World::with_servers(2);
    println!("  The network splits. Neither client can tell a crashed server from a lost message.");
    world.split();
    let winners = world.race(|granted| granted >= 1);
    println!("  Owners of one lock: {}. This is split brain.\n", winners.join(" and "));
    assert_eq!(winners, CLIENTS, "both reach a server");

    println!("2. Three servers: a client needs two of them, a majority.\n");
    let world = World::with_servers(3);
    println!("  The network splits.");
    world.split();
    let winners = world.race(|granted| granted >= 2);
    println!(
        "  Owners of one lock: {}. Any two majorities have a server in common,",
        winners.join(" and ")
    );
    println!("  and that server says no to one of them.\n");
    assert_eq!(winners, ["Ben"], "only one side has a majority");

    println!("3. Three servers, a register, and no split: Ann and Ben write at the same time.\n");
    let world = World::with_servers(3);
    // Messages overtake each other: server 2 hears Ben first.
    for (server, order) in [[0, 1], [1, 0], [0, 1]].into_iter().enumerate() {
        for client in order {
            let _: Option<()> = world.ends[client][server].call("Lock.Write", CLIENTS[client]);
        }
    }
    for (number, lock) in (1..).zip(&world.locks) {
        let writes = lock.writes.lock().expect("no handler panics").join(", then ");
        println!("    server {number}: {writes}");
    }
    let last =
        world.locks.iter().map(|lock| lock.writes.lock().expect("no handler panics")[1].clone());
    let last: Vec<String> = last.collect();
    println!("  Each write has reached all servers, and yet the register is {}.", last.join(", "));
    assert_eq!(last, ["Ben", "Ann", "Ben"], "the orders differ");
    println!(
        "  A majority says that a write has happened, but not in which order. So servers must agree"
    );
    println!("  on what comes first, what comes second, and so on: on a log. That is Raft.");
}
