//! A server that is killed leaves nothing behind.

#![cfg(target_os = "linux")]

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::unbounded;
use labrpc::{Network, Server};
use raft::Raft;

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("Linux has it").count()
}

/// Waits for what takes milliseconds on an idle machine.
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}; {} threads", threads());
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn all_threads_end_soon_after_kill() {
    let before = threads();
    let network = Network::new(1);
    let (sender, applied) = unbounded();
    let servers: Vec<Arc<Raft>> = (0..3)
        .map(|me| {
            let make_end = |peer: usize| {
                let end = network.make_end(&me.to_string(), &peer.to_string());
                network.enable(end.id(), true);
                end
            };
            let raft =
                Raft::make((0..3).map(make_end).collect(), me, Arc::default(), sender.clone());
            network.add_server(&me.to_string(), Server::new().with(raft.rpc_service()));
            raft
        })
        .collect();
    eventually("a leader takes in a command", || {
        servers.iter().any(|server| server.start(b"command".to_vec()).is_some())
    });
    for _ in 0..3 {
        applied.recv_timeout(Duration::from_secs(20)).expect("every server applies it");
    }
    assert!(threads() > before);

    for server in &servers {
        server.kill();
        assert!(server.start(b"too late".to_vec()).is_none());
    }
    network.shutdown();
    eventually("all threads have ended", || threads() == before);
}
