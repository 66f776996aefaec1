//! The exit codes.

/// The exit codes of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything is done.
    Done = 0,
    /// A check failed.
    Failed = 1,
    /// The arguments are invalid, or a file that they name.
    Usage = 2,
    /// Interrupted. Finished work is kept.
    Interrupted = 130,
}
