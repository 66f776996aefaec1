//! Backtraces of the calling thread, and of a thread that does not call the scheduler.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use backtrace::Backtrace;

use super::arch;
use super::frames::without_simulation;
use crate::report::Frame;

/// The backtrace of a simulated thread, not yet resolved to names.
pub(crate) struct Frames(Backtrace);

impl Frames {
    /// The frames of the calling thread.
    pub(crate) fn here() -> Self {
        Frames(Backtrace::new_unresolved())
    }

    /// The frames of the program, innermost first, with names and places.
    pub(crate) fn resolve(mut self) -> Vec<Frame> {
        self.0.resolve();
        let symbols = self.0.frames().iter().flat_map(|frame| frame.symbols());
        let frames = symbols
            .map(|symbol| Frame {
                function: symbol.name().map_or_else(String::new, |name| format!("{name:#}")),
                file: symbol.filename().map(|path| path.display().to_string()).unwrap_or_default(),
                line: symbol.lineno().unwrap_or(0),
            })
            .collect();
        without_simulation(frames)
    }
}

/// What the signal handler [`answer`] reports: addresses in the code of the stopped thread, up to a 0.
static ADDRESSES: [AtomicUsize; 128] = [const { AtomicUsize::new(0) }; 128];
/// The instruction at which the thread was stopped. All other addresses are return addresses.
static STOPPED_AT: AtomicUsize = AtomicUsize::new(0);
/// Whether the addresses are complete.
static ANSWERED: AtomicBool = AtomicBool::new(false);

/// Stops a thread for good, with a signal, and asks it where it is.
pub(crate) fn stop_and_ask(kernel_id: libc::pid_t) -> Vec<Frame> {
    // SAFETY: a handler of the right type for a signal that nothing else uses.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) = answer;
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_SIGINFO;
        libc::sigaction(libc::SIGUSR2, &raw const action, std::ptr::null_mut());
        libc::syscall(libc::SYS_tgkill, libc::getpid(), kernel_id, libc::SIGUSR2);
    }
    for _ in 0..1_000 {
        if ANSWERED.load(Ordering::Acquire) {
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
    let mut frames = Vec::new();
    for address in ADDRESSES.iter().map(|slot| slot.load(Ordering::Relaxed)) {
        if address == 0 {
            break;
        }
        // A return address may belong to the next line, or even to the next function; the call lies
        // before it.
        let is_exact = address == STOPPED_AT.load(Ordering::Relaxed);
        let place = if is_exact { address } else { address - 1 };
        backtrace::resolve(std::ptr::without_provenance_mut::<c_void>(place), |symbol| {
            frames.push(Frame {
                function: symbol.name().map_or_else(String::new, |name| format!("{name:#}")),
                file: symbol.filename().map(|path| path.display().to_string()).unwrap_or_default(),
                line: symbol.lineno().unwrap_or(0),
            });
        });
    }
    frames
}

extern "C" fn answer(_signal: c_int, _info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel passes the registers of the thread that it has stopped.
    let registers = unsafe { &*context.cast::<libc::ucontext_t>() };
    STOPPED_AT.store(arch::stopped_at(registers), Ordering::Relaxed);
    let mut next = ADDRESSES.iter();
    // SAFETY: only one thread is ever asked, and it is not unwinding already: what it spins in is not
    // the unwinder. Nothing is allocated here.
    unsafe {
        backtrace::trace_unsynchronized(|frame| match next.next() {
            Some(slot) => {
                slot.store(frame.ip().addr(), Ordering::Relaxed);
                true
            }
            None => false,
        });
    }
    ANSWERED.store(true, Ordering::Release);
    loop {
        // SAFETY: takes no arguments; it returns after another signal.
        unsafe { libc::pause() };
    }
}
