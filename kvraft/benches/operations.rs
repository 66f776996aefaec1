//! What an operation costs against three servers on a reliable network, on the clock on the wall.
//! `cargo bench --package kvraft`

use std::sync::Arc;
use std::thread;

use divan::Bencher;
use divan::counter::ItemsCount;
use kvraft::{Clerk, KvServer};
use labrpc::{ClientEnd, Network, Server};
use raft::Persister;

const SERVERS: usize = 3;

const CLERKS: usize = 32;

/// Snapshots keep the log short, whose length each operation pays for.
const MAX_RAFT_STATE: Option<usize> = Some(8_000);

fn main() {
    divan::main();
}

fn ends(network: &Network, from: &str) -> Vec<ClientEnd> {
    let end = |server| {
        let end = network.make_end(from, &format!("server-{server}"));
        network.enable(end.id(), true);
        end
    };
    (0..SERVERS).map(end).collect()
}

/// Servers that have a leader.
fn service() -> (Network, Vec<Arc<KvServer>>) {
    let network = Network::new(1);
    let start = |number| {
        let name = format!("server-{number}");
        let ends = ends(&network, &name);
        let server = KvServer::start(ends, number, Arc::new(Persister::new()), MAX_RAFT_STATE);
        let services = Server::new().with(server.rpc_service()).with(server.raft().rpc_service());
        network.add_server(&name, services);
        server
    };
    let servers = (0..SERVERS).map(start).collect();
    Clerk::new(ends(&network, "first")).get("k");
    (network, servers)
}

fn stop(network: &Network, servers: &[Arc<KvServer>]) {
    servers.iter().for_each(|server| server.kill());
    network.shutdown();
}

#[divan::bench]
fn one_clerk_puts(bencher: Bencher<'_, '_>) {
    let (network, servers) = service();
    let mut clerk = Clerk::new(ends(&network, "clerk"));
    bencher
        .counter(ItemsCount::new(100u32))
        .bench_local(|| (0..100).for_each(|_| clerk.put("k", "value")));
    stop(&network, &servers);
}

#[divan::bench]
fn one_clerk_gets(bencher: Bencher<'_, '_>) {
    let (network, servers) = service();
    let mut clerk = Clerk::new(ends(&network, "clerk"));
    bencher.counter(ItemsCount::new(1u32)).bench_local(|| clerk.get("k"));
    stop(&network, &servers);
}

#[divan::bench(sample_count = 20)]
fn clerks_32_put(bencher: Bencher<'_, '_>) {
    const EACH: usize = 50;
    let (network, servers) = service();
    let mut clerks: Vec<Clerk> =
        (0..CLERKS).map(|clerk| Clerk::new(ends(&network, &format!("clerk-{clerk}")))).collect();
    bencher.counter(ItemsCount::new(CLERKS * EACH)).bench_local(|| {
        thread::scope(|scope| {
            for clerk in &mut clerks {
                scope.spawn(|| (0..EACH).for_each(|_| clerk.put("k", "value")));
            }
        });
    });
    stop(&network, &servers);
}
