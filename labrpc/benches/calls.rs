//! The cost of a call on a reliable network. Run it with `cargo bench --package labrpc`.

use std::sync::Arc;

use divan::Bencher;
use labrpc::{ClientEnd, Network, Server, Service};

fn main() {
    divan::main();
}

struct Echo;

impl Echo {
    fn echo(&self, value: u64) -> u64 {
        value
    }
}

fn open_end(network: &Network) -> ClientEnd {
    let end = network.make_end("client", "server");
    network.enable(end.id(), true);
    end
}

fn network() -> Network {
    let network = Network::new(1);
    let service = Service::new("Echo", Arc::new(Echo)).method("Echo", Echo::echo);
    network.add_server("server", Server::new().with(service));
    network
}

/// One caller makes one call after the other.
#[divan::bench(sample_count = 200, sample_size = 1_000)]
fn sequential(bencher: Bencher) {
    let network = network();
    let end = open_end(&network);
    bencher.bench(|| end.call::<u64, u64>("Echo.Echo", &7));
}

/// Sixteen callers at the same time, each on its own end. The time is that of one call.
#[divan::bench(threads = [16], sample_count = 20, sample_size = 1_000)]
fn concurrent(bencher: Bencher) {
    let network = network();
    bencher
        .with_inputs(|| open_end(&network))
        .bench_refs(|end| end.call::<u64, u64>("Echo.Echo", &7));
}

/// A million calls. Run it alone to watch the number of threads and the memory of the process.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn a_million_calls(bencher: Bencher) {
    let network = network();
    let end = open_end(&network);
    bencher.bench(|| {
        for value in 0..1_000_000u64 {
            end.call::<u64, u64>("Echo.Echo", &value);
        }
    });
}
