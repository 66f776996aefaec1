//! The judge's connection to the runner.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;

use parking_lot::Mutex;

use crate::channel::{FromJudge, Job, ToJudge, receive, send};
use crate::node_end::NodeEnd;

static CONNECTION: OnceLock<Connection> = OnceLock::new();

/// The judge's connection to the runner, for all its threads. A simulated thread uses it outside of the
/// simulation only, so that none waits here for another.
pub(crate) struct Connection {
    stream: UnixStream,
    /// Held while a message is sent.
    sending: Mutex<()>,
    /// Held from a question until its answer is there.
    asking: Mutex<()>,
}

/// Takes the connection from this process's standard input, and receives the job.
///
/// # Errors
///
/// If this process was not started by a runner.
pub(crate) fn open() -> io::Result<Job> {
    let descriptor: OwnedFd = io::stdin().as_fd().try_clone_to_owned()?;
    let stream = UnixStream::from(descriptor);
    let ToJudge::Job(job) = receive(&stream)? else {
        return Err(io::Error::other("the first message is not a job"));
    };
    CONNECTION.get_or_init(|| Connection {
        stream,
        sending: Mutex::default(),
        asking: Mutex::default(),
    });
    Ok(job)
}

/// The connection; `None` outside of a judge.
pub(crate) fn connection() -> Option<&'static Connection> {
    CONNECTION.get()
}

impl Connection {
    /// Tells the runner something, perhaps with descriptors.
    ///
    /// # Errors
    ///
    /// If the runner is gone.
    pub(crate) fn tell(
        &self,
        message: &FromJudge,
        descriptors: &[BorrowedFd<'_>],
    ) -> io::Result<()> {
        let _sending = self.sending.lock();
        send(&self.stream, message, descriptors)
    }

    /// Asks the runner how a node has ended, and waits for the answer.
    ///
    /// # Errors
    ///
    /// If the runner is gone.
    pub(crate) fn end_of(&self, node: u32) -> io::Result<NodeEnd> {
        let _asking = self.asking.lock();
        self.tell(&FromJudge::EndOf { node }, &[])?;
        match receive(&self.stream)? {
            ToJudge::Ended(end) => Ok(end),
            ToJudge::Job(_) => Err(io::Error::other("a second job")),
        }
    }

    /// Returns when the runner is gone.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn await_end(&self) {
        use rustix::event::{PollFd, PollFlags, poll};
        let mut watched = [PollFd::new(&self.stream, PollFlags::empty())];
        while !matches!(poll(&mut watched, None), Ok(count) if count > 0) {}
    }
}
