//! The second stage of confinement, as the `main` of a confined program calls it.

#[cfg(target_os = "linux")]
use crate::linux as platform;
#[cfg(not(target_os = "linux"))]
use crate::unsupported as platform;

/// The second argument of a process that is confined. The first says what the process is.
pub const CONFINED_ARGUMENT: &str = "--confined";

/// Confines this process further if it was started confined. Comes first in `main`, before a thread is started.
/// Returns what confines it; nothing if it was not started confined.
///
/// # Errors
///
/// If the system refuses. Then the process must end.
pub fn enter() -> Result<Vec<String>, String> {
    let is_confined = std::env::args().nth(2).as_deref() == Some(CONFINED_ARGUMENT);
    if is_confined { confine_self() } else { Ok(Vec::new()) }
}

/// Confines this process, and all its threads: it executes nothing from now on, and opens no file but its own
/// program. Returns what confines it.
///
/// # Errors
///
/// If the system refuses.
pub fn confine_self() -> Result<Vec<String>, String> {
    platform::confine_self()
}
