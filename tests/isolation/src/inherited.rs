//! The further descriptor that a process can be given.

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

/// The argument before the number of the descriptor.
const ARGUMENT: &str = "--inherited";

/// The lowest number for it: the digits of an argument are on the stack of the process, where their count moves
/// addresses. There are always three.
const LOWEST: RawFd = 200;

/// A descriptor for a process that is about to start. It is closed in all other processes.
#[derive(Debug)]
pub(crate) struct Inherited(OwnedFd);

impl Inherited {
    /// Gives it a number for the new process.
    ///
    /// # Errors
    ///
    /// If this process has too many descriptors.
    pub(crate) fn new(descriptor: &OwnedFd) -> std::io::Result<Self> {
        Ok(Inherited(rustix::io::fcntl_dupfd_cloexec(descriptor, LOWEST)?))
    }

    /// Its number, here and there.
    pub(crate) fn number(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// The arguments that tell the process of it.
    pub(crate) fn arguments(&self) -> [String; 2] {
        [ARGUMENT.to_owned(), self.number().to_string()]
    }
}

/// Keeps the descriptor of this number open when this process executes a program. Comes after its confinement, which
/// has all be closed then. Makes one system call and does nothing else.
///
/// # Errors
///
/// If it is not open.
pub(crate) fn keep(number: RawFd) -> std::io::Result<()> {
    // SAFETY: takes numbers.
    match unsafe { libc::fcntl(number, libc::F_SETFD, 0) } {
        -1 => Err(std::io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// The descriptor that whoever has started this process has given to it with
/// [`Start::inherited`](crate::Start::inherited): a copy, which no other process inherits.
pub fn inherited() -> Option<OwnedFd> {
    let mut arguments = std::env::args().skip_while(|argument| argument != ARGUMENT);
    let number: RawFd = arguments.nth(1)?.parse().ok().filter(|number| *number >= LOWEST)?;
    // SAFETY: takes numbers. It fails if this is no open descriptor.
    if unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) } == -1 {
        return None;
    }
    // SAFETY: it is open, and nothing in this process owns it or closes it.
    let given = unsafe { BorrowedFd::borrow_raw(number) };
    rustix::io::fcntl_dupfd_cloexec(given, 3).ok()
}
