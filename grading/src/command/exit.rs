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
    /// Runs are missing because of the machine, or parts of a class: the same command makes them again. Cluster
    /// software knows this number as a failure that may pass.
    TryAgain = 75,
    /// Interrupted. Finished work is kept.
    Interrupted = 130,
}
