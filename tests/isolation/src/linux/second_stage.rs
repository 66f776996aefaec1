//! The second stage: what a program does to itself before the code of a submission begins.

use super::filter::{Action, Filter};
use super::{own_file, rules};

/// Gives up what only the start of a program needs: executing and opening files. Also hides this process's
/// memory and descriptors from others. From here on only its own program can be read, for backtraces.
///
/// # Errors
///
/// If the kernel refuses.
pub(crate) fn confine_self() -> Result<Vec<String>, String> {
    own_file::keep_open().map_err(|error| format!("cannot read its own program: {error}"))?;
    let describe = |error: &dyn std::fmt::Display| format!("cannot confine itself: {error}");
    // SAFETY: takes numbers only.
    if unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) } != 0 {
        return Err(describe(&std::io::Error::last_os_error()));
    }
    let own = std::process::id();
    let mut filter = Filter::new(rules::second_stage(), Action::Allow);
    filter.install(own, libc::SECCOMP_FILTER_FLAG_TSYNC).map_err(|error| describe(&error))?;
    Ok(vec!["seccomp".to_owned()])
}
