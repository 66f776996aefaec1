//! The start of a process without a copy of this one's memory.
//!
//! A copy by fork costs more than all the rest of a start: the pages of this process are marked, each is copied
//! when it is written to next, and the copies are given up again by exec. So the child borrows the memory of
//! this process until it executes the program, and the calling thread waits for that.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr;

use rustix::process::{Pid, Signal};

use super::confinement::Confinement;
use crate::inherited::{Inherited, keep};

/// The size of the stack of a child until it executes the program, in units of 16 bytes.
const STACK_UNITS: usize = 4096;

/// The numbers of signals.
const SIGNALS: std::ops::RangeInclusive<c_int> = 1..=64;

/// What a process is made from.
pub(crate) struct Launch<'a> {
    /// The program.
    pub(crate) path: &'a CStr,
    /// The arguments, with the name of the program.
    pub(crate) arguments: &'a [CString],
    /// The environment, each as `NAME=value`.
    pub(crate) variables: &'a [CString],
    /// Standard input, output and error output.
    pub(crate) streams: [OwnedFd; 3],
    /// What it inherits besides.
    pub(crate) inherited: Option<Inherited>,
    /// The leader of the group of processes; 0 for a new group.
    pub(crate) group: c_int,
    pub(crate) confinement: Option<Confinement>,
}

/// What the child needs, prepared by its parent: the child must not allocate.
struct Plan<'a> {
    path: &'a CStr,
    arguments: Vec<*const c_char>,
    variables: Vec<*const c_char>,
    streams: [c_int; 3],
    inherited: Option<c_int>,
    group: c_int,
    confinement: Option<Confinement>,
    parent: Pid,
    /// The signals that the parent lets through.
    mask: libc::sigset_t,
    /// Why the child has not executed the program.
    failure: Option<io::Error>,
}

impl Launch<'_> {
    /// Starts the process, which is killed when the calling thread ends.
    ///
    /// # Errors
    ///
    /// If the system cannot start or confine it.
    pub(crate) fn start(self) -> io::Result<Pid> {
        // None of these is overwritten while another takes its place as a standard stream.
        let streams = self.streams.map(above_standard_streams);
        let [input, output, errors] = streams;
        let streams = [input?, output?, errors?];
        let mut plan = Plan {
            path: self.path,
            arguments: pointers(self.arguments),
            variables: pointers(self.variables),
            streams: [0, 1, 2].map(|stream: usize| streams[stream].as_raw_fd()),
            inherited: self.inherited.as_ref().map(Inherited::number),
            group: self.group,
            confinement: self.confinement,
            parent: rustix::process::getpid(),
            mask: block_signals()?,
            failure: None,
        };
        let started = clone(&mut plan);
        set_mask(&plan.mask)?;
        let pid = started?;
        match plan.failure {
            None => Ok(pid),
            Some(failure) => {
                // SAFETY: nothing is to be written.
                unsafe { libc::waitpid(pid.as_raw_nonzero().get(), ptr::null_mut(), 0) };
                Err(failure)
            }
        }
    }
}

fn above_standard_streams(stream: OwnedFd) -> io::Result<OwnedFd> {
    match stream.as_raw_fd() {
        0..=2 => Ok(rustix::io::fcntl_dupfd_cloexec(stream, 3)?),
        _ => Ok(stream),
    }
}

/// The addresses of these texts, and a null pointer.
fn pointers(texts: &[CString]) -> Vec<*const c_char> {
    texts.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect()
}

/// Lets no signal through to this thread. Returns which were let through before.
fn block_signals() -> io::Result<libc::sigset_t> {
    let mut all = MaybeUninit::<libc::sigset_t>::uninit();
    let mut before = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the first call fills the set that the second reads; that fills the other, unless it fails.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        match libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr()) {
            0 => Ok(before.assume_init()),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }
}

fn set_mask(mask: &libc::sigset_t) -> io::Result<()> {
    // SAFETY: the mask is read, and nothing is to be written.
    match unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, mask, ptr::null_mut()) } {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

/// Makes the child, and waits until it has executed the program or has ended.
fn clone(plan: &mut Plan<'_>) -> io::Result<Pid> {
    let mut stack: Vec<MaybeUninit<u128>> = Vec::with_capacity(STACK_UNITS);
    // SAFETY: what may be uninitialised needs no initialisation.
    unsafe { stack.set_len(STACK_UNITS) };
    let top = stack.as_mut_ptr_range().end.cast::<c_void>();
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    // SAFETY: the child has a stack of its own, which grows downwards, and until it is done with it and with
    // the plan, this thread does not go on. Other threads go on, but the child takes no lock of theirs, as it
    // makes system calls and nothing else; all signals are blocked, so no handler runs in it.
    let pid = unsafe { libc::clone(run, top, flags, ptr::from_mut(plan).cast::<c_void>()) };
    if pid == -1 {
        return Err(io::Error::last_os_error());
    }
    Pid::from_raw(pid).ok_or_else(|| io::Error::other("the process has no number"))
}

/// What the child does, on its own stack in the memory of its parent.
extern "C" fn run(plan: *mut c_void) -> c_int {
    // SAFETY: the parent's plan, at which the parent does not look before this process is done with it.
    let plan = unsafe { &mut *plan.cast::<Plan<'_>>() };
    // An error number needs no memory.
    plan.failure = Some(plan.execute());
    127
}

impl Plan<'_> {
    /// Executes the program. Returns only if that fails, with the reason. Makes system calls and nothing else.
    fn execute(&mut self) -> io::Error {
        match self.prepare() {
            // SAFETY: strings and lists of them, as the call takes them. They live in the parent, which waits.
            Ok(()) => unsafe {
                libc::execve(self.path.as_ptr(), self.arguments.as_ptr(), self.variables.as_ptr());
                io::Error::last_os_error()
            },
            Err(error) => error,
        }
    }

    fn prepare(&mut self) -> io::Result<()> {
        for (target, stream) in (0..).zip(self.streams) {
            // SAFETY: takes numbers; this process has descriptors of its own.
            check(unsafe { libc::dup2(stream, target) })?;
        }
        // SAFETY: takes numbers.
        check(unsafe { libc::setpgid(0, self.group) })?;
        forget_handlers()?;
        set_mask(&self.mask)?;
        end_with(self.parent)?;
        self.confinement.as_mut().map_or(Ok(()), Confinement::apply)?;
        self.inherited.map_or(Ok(()), keep)
    }
}

/// Has signals do what they do by themselves: a handler would run in the memory of the parent. Those that the
/// parent ignores stay ignored, but for SIGPIPE, which Rust programs ignore without being asked.
fn forget_handlers() -> io::Result<()> {
    for signal in SIGNALS {
        let mut action = MaybeUninit::<libc::sigaction>::uninit();
        // SAFETY: the present action is written to a local. The call fails for some signals of libc's own.
        if unsafe { libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) } != 0 {
            continue;
        }
        // SAFETY: filled by the call above.
        let mut action = unsafe { action.assume_init() };
        let is_kept = match action.sa_sigaction {
            libc::SIG_DFL => true,
            libc::SIG_IGN => signal != libc::SIGPIPE,
            _ => false,
        };
        if !is_kept {
            action.sa_sigaction = libc::SIG_DFL;
            // SAFETY: the default action runs no code; this process has actions of its own.
            check(unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) })?;
        }
    }
    Ok(())
}

/// Has this process killed when its parent ends, which has this number.
pub(crate) fn end_with(parent: Pid) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have ended before that.
    if rustix::process::getppid() == Some(parent) {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(libc::ESRCH))
    }
}

fn check(result: c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
