//! The processes of the submission, as the judge of a run orders them from the runner.
//!
//! A *node* is the process of one life of a server, or of a clerk. The judge makes two pipes for each, and has
//! the runner start the node with one end of each as its standard input and output. The judge numbers its
//! nodes; each number is used once.
//!
//! These functions work in any thread of a judge, simulated or not. Elsewhere they return errors or do
//! nothing.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use crate::channel::FromJudge;
use crate::connection::{Connection, connection};
pub use crate::node_end::NodeEnd;

/// Has the runner start a node for `label`, such as "server 2". Returns before it runs. If it cannot be
/// started, both ends are closed, and [`end_of`] says why.
///
/// # Errors
///
/// If this process is not a judge, or the runner is gone.
pub fn start(node: u32, label: &str, stdin: OwnedFd, stdout: OwnedFd) -> io::Result<()> {
    let message = FromJudge::Start { node, label: label.to_owned() };
    sim::outside(|| judges()?.tell(&message, &[stdin.as_fd(), stdout.as_fd()]))
}

/// Kills a node. Returns before it is dead. If it has ended already, nothing happens.
pub fn kill(node: u32) {
    // If the runner is gone, this process ends as well.
    let _ = sim::outside(|| judges()?.tell(&FromJudge::Kill { node }, &[]));
}

/// How a node has ended. Waits for its end, up to 10 s in real time. If it runs even then, it is killed, and
/// the answer is [`NodeEnd::StillRunning`].
pub fn end_of(node: u32) -> NodeEnd {
    let end = sim::outside(|| judges()?.end_of(node));
    end.unwrap_or_else(|error| NodeEnd::NotStarted(format!("the runner is gone: {error}")))
}

fn judges() -> io::Result<&'static Connection> {
    connection().ok_or_else(|| io::Error::other("only the judge of a test has nodes"))
}
