//! The cost of a call on a reliable network. Run it with `cargo bench --package labrpc`.

use std::sync::Arc;

use divan::{Bencher, black_box};
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

/// Calls that no thread waits for, to a remote server that answers at once: what the network itself costs.
#[divan::bench(sample_count = 200, sample_size = 1_000)]
fn remote(bencher: Bencher) {
    let network = Network::new(1);
    network.add_remote_server("server", |request, responder| responder.reply(Ok(request.args)));
    let end = open_end(&network).id();
    bencher.bench(|| network.call(end, "Echo.Echo", vec![7], |outcome| drop(black_box(outcome))));
}

/// The same, while a thousand other calls wait for their replies.
#[divan::bench(sample_count = 200, sample_size = 1_000)]
fn remote_with_a_thousand_waiting(bencher: Bencher) {
    let network = Network::new(1);
    network.add_remote_server("server", |request, responder| match request.args.as_slice() {
        [] => drop(responder),
        _ => responder.reply(Ok(request.args)),
    });
    let end = open_end(&network).id();
    for _ in 0..1_000 {
        network.call(end, "Echo.Echo", Vec::new(), drop);
    }
    bencher.bench(|| network.call(end, "Echo.Echo", vec![7], |outcome| drop(black_box(outcome))));
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
