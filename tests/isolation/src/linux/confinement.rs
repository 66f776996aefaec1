//! The first stage: what is set between fork and exec.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;

use super::filter::Filter;
use super::{files, limits, rules};

/// What confines the processes of one program from their first instruction on.
#[derive(Debug, Clone)]
pub(crate) struct Confinement {
    filter: Filter,
    files: Option<Arc<OwnedFd>>,
}

impl Confinement {
    /// Prepares it for a program.
    ///
    /// # Errors
    ///
    /// If this system cannot confine it.
    pub(crate) fn new(program: impl AsFd) -> Result<Self, String> {
        let files = files::rules(program)?.map(Arc::new);
        Ok(Confinement { filter: Filter::new(rules::first_stage(), rules::UNKNOWN), files })
    }

    /// Whether the kernel limits which files can be read.
    pub(crate) fn limits_files(&self) -> bool {
        self.files.is_some()
    }

    /// Confines this process, which is about to execute the program. Between fork and exec only certain calls
    /// are safe: this makes system calls and nothing else.
    ///
    /// # Errors
    ///
    /// If the kernel refuses.
    pub(crate) fn apply(&mut self) -> io::Result<()> {
        limits::apply()?;
        let all: libc::c_uint = libc::c_uint::MAX;
        // SAFETY: only marks descriptors, to be closed by exec. Kernels that cannot do it inherit none
        // either: those of this workspace are all marked.
        unsafe { libc::syscall(libc::SYS_close_range, 3, all, libc::CLOSE_RANGE_CLOEXEC) };
        rustix::thread::set_no_new_privs(true)?;
        if let Some(files) = &self.files {
            let descriptor = files.as_raw_fd();
            // SAFETY: takes two numbers.
            if unsafe { libc::syscall(libc::SYS_landlock_restrict_self, descriptor, 0) } != 0 {
                return Err(io::Error::last_os_error());
            }
        }
        let own = rustix::process::getpid().as_raw_nonzero().get().unsigned_abs();
        self.filter.install(own, libc::SECCOMP_FILTER_FLAG_TSYNC)
    }
}
