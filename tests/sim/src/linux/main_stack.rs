//! The stack of a process's main thread.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr;

/// The lowest address of the main thread's stack, and its size in bytes; `None` if the system does not say, or sets no
/// limit. libc reads this in a file, which a confined process may not do.
pub(crate) fn main_stack() -> Option<(usize, usize)> {
    let top = top()?;
    let mut limit = MaybeUninit::<libc::rlimit>::uninit();
    // SAFETY: the limit is written to a local.
    if unsafe { libc::getrlimit(libc::RLIMIT_STACK, limit.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: the call has succeeded.
    let size = usize::try_from(unsafe { limit.assume_init() }.rlim_cur).ok()?;
    let size = size - size % page_size();
    Some((top.checked_sub(size).filter(|bottom| *bottom > 0)?, size))
}

/// Where the stack ends. The last thing in it is the name of the program that was started, and a null pointer.
fn top() -> Option<usize> {
    // SAFETY: takes a number.
    let name = unsafe { libc::getauxval(libc::AT_EXECFN) } as usize;
    if name == 0 {
        return None;
    }
    // SAFETY: the system has put a string there, which stays as long as the process.
    let name = unsafe { CStr::from_ptr(ptr::with_exposed_provenance(name)) };
    let end = name.as_ptr().addr() + name.count_bytes() + 1 + size_of::<usize>();
    Some(end.next_multiple_of(page_size()))
}

/// The size of a page, in bytes.
fn page_size() -> usize {
    // SAFETY: takes a number. libc knows this one without a call of the system.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{main_stack, top};

    #[test]
    fn the_stack_ends_where_the_system_says() {
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let line = maps.lines().find(|line| line.ends_with("[stack]")).unwrap();
        let (_, end) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let end = usize::from_str_radix(end, 16).unwrap();
        assert_eq!(top(), Some(end));
        if let Some((bottom, size)) = main_stack() {
            assert_eq!(bottom + size, end);
        }
    }
}
