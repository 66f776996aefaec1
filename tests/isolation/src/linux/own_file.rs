//! A confined process opens no file but its own program, which a backtrace reads to find names and lines.
//!
//! A filter of system calls cannot see which path is to be opened. So the file is opened in time, and the
//! functions of libc by which Rust's standard library looks for it are defined here: a program's own
//! definitions come before those of libc.

use std::ffi::{CStr, c_char, c_int, c_long};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::OnceLock;

/// The name of a process's own program.
const NAME: &CStr = c"/proc/self/exe";

/// The program of this process, if it can open no files.
static PROGRAM: OnceLock<File> = OnceLock::new();

/// Opens this process's own program, and gives it out from now on when [`NAME`] is to be opened.
///
/// # Errors
///
/// If it cannot be read.
pub(crate) fn keep_open() -> io::Result<()> {
    let file = File::open("/proc/self/exe")?;
    PROGRAM.get_or_init(|| file);
    Ok(())
}

/// The descriptor of the program, if `path` names it and it is kept open.
///
/// # Safety
///
/// `path` is a valid C string.
unsafe fn program_at(path: *const c_char) -> Option<c_int> {
    let program = PROGRAM.get()?;
    // SAFETY: by the contract of this function.
    (unsafe { CStr::from_ptr(path) } == NAME).then(|| program.as_raw_fd())
}

/// In C this function takes its third argument only with certain flags. On the systems here it is passed like
/// that of a function with three arguments; otherwise it is some number, which is not used.
#[unsafe(no_mangle)]
unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: libc::mode_t) -> c_int {
    // SAFETY: the caller's own path.
    match unsafe { program_at(path) } {
        // SAFETY: takes numbers only.
        Some(program) => unsafe { libc::fcntl(program, libc::F_DUPFD_CLOEXEC, 3) },
        // SAFETY: the caller's own arguments.
        None => unsafe {
            let flags = flags | libc::O_LARGEFILE;
            libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path, flags, mode) as c_int
        },
    }
}

/// The path that [`open64`] knows, in a process that cannot ask the kernel for it.
#[unsafe(no_mangle)]
unsafe extern "C" fn readlink(path: *const c_char, buffer: *mut c_char, size: usize) -> isize {
    // SAFETY: the caller's own path.
    match unsafe { program_at(path) } {
        Some(_) => {
            let name = NAME.to_bytes();
            let length = name.len().min(size);
            // SAFETY: the caller's buffer has `size` bytes.
            unsafe { buffer.cast::<u8>().copy_from_nonoverlapping(name.as_ptr(), length) };
            length as isize
        }
        // SAFETY: the caller's own arguments.
        None => unsafe {
            libc::syscall(libc::SYS_readlinkat, libc::AT_FDCWD, path, buffer, size) as isize
        },
    }
}

/// Some versions of libc ask for an open file by an empty path, and so by a call that also takes others.
#[unsafe(no_mangle)]
unsafe extern "C" fn fstat64(descriptor: c_int, result: *mut libc::stat64) -> c_int {
    // SAFETY: the caller's own arguments.
    unsafe { libc::syscall(libc::SYS_fstat, c_long::from(descriptor), result) as c_int }
}
