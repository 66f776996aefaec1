//! What to run in a sandbox.

use std::path::PathBuf;

use super::limits::Limits;

/// A program to run in a sandbox, and what it may access. Paths are the same inside and outside.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    /// Files and folders that the program may read and execute.
    pub(crate) readable: Vec<PathBuf>,
    /// Folders that the program may write to.
    pub(crate) writable: Vec<PathBuf>,
    /// An empty folder that is deleted afterwards, and its size in bytes. Without namespaces the folder
    /// must exist, is not deleted, and has no size limit.
    pub(crate) scratch: Option<(PathBuf, u64)>,
    /// Whether the program may look at other processes in `/proc`, where it does not have one of its own.
    pub(crate) sees_processes: bool,
    pub(crate) limits: Limits,
    /// The user to run as, if the grader is root.
    pub(crate) user: Option<u32>,
}
