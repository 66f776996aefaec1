//! How many threads a network has. This file has one test, so that no other one starts threads meanwhile.

#![cfg(target_os = "linux")]

mod support;

use std::sync::Arc;

use labrpc::{Network, Outcome, Server, Service};
use support::{RemoteSetup, eventually};

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("Linux has it").count()
}

struct Echo;

impl Echo {
    fn echo(&self, value: u64) -> u64 {
        value
    }
}

fn echo_server() -> Server {
    Server::new().with(Service::new("Echo", Arc::new(Echo)).method("Echo", Echo::echo))
}

#[test]
fn only_the_timer_and_the_handlers_of_local_servers_have_threads() {
    let idle = RemoteSetup::new();
    let unanswered = idle.begin(idle.end().id(), b"");
    let before = threads();
    a_thousand_calls_under_way_have_only_the_timer(before);
    eventually("the timer ends with its network", || threads() == before);
    the_threads_of_a_local_server_end_with_it(before);

    // Once this call has timed out, its timer has nothing to wait for.
    assert_eq!(unanswered.recv(), Ok(Outcome::Failed));
    idle.network.shutdown();
    eventually("an idle timer ends with its network", || threads() == before - 1);
}

fn a_thousand_calls_under_way_have_only_the_timer(before: usize) {
    let setup = RemoteSetup::new();
    let end = setup.end();
    let calls: Vec<_> = (0..1_000).map(|_| setup.begin(end.id(), b"")).collect();
    assert_eq!(setup.arrived.lock().len(), 1_000);
    assert_eq!(threads(), before + 1);
    for (_, responder) in std::mem::take(&mut *setup.arrived.lock()) {
        responder.reply(Ok(vec![1]));
    }
    for call in calls {
        assert_eq!(call.try_recv(), Ok(Outcome::Reply(vec![1])));
    }
    assert_eq!(threads(), before + 1);
}

fn the_threads_of_a_local_server_end_with_it(before: usize) {
    let network = Network::new(1);
    network.add_server("server", echo_server());
    let end = network.make_end("client", "server");
    network.enable(end.id(), true);
    assert_eq!(end.call("Echo.Echo", &7u64), Some(7u64));
    assert!(threads() >= before + 2, "a worker and the timer");
    network.delete_server("server");
    eventually("the workers end with their server", || threads() == before + 1);

    network.add_server("server", echo_server());
    assert_eq!(end.call("Echo.Echo", &8u64), Some(8u64));
    drop((network, end));
    eventually("all threads end with their network", || threads() == before);
}
