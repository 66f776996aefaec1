//! Memory at fixed addresses: what a simulated thread allocates, and its stack, lie at the same place in
//! every run, whatever the system randomises and whatever the environment is.

use std::io;
use std::ptr;

/// Where the heap of simulated threads begins: below all that Linux maps by itself.
pub(crate) const HEAP: usize = 0x10_0000_0000;

/// How much address space the heap has, in bytes. Memory is used as it is touched.
pub(crate) const HEAP_SIZE: usize = 32 << 30;

/// Where the stacks begin.
pub(crate) const STACKS: usize = HEAP + HEAP_SIZE;

/// How much address space the stacks have, in bytes: 4,096 of the default size.
pub(crate) const STACKS_SIZE: usize = 16 << 30;

/// The size of a page, and of a stack's guard, in bytes.
pub(crate) const PAGE: usize = 4096;

/// Reserves the regions, once a process.
pub(crate) fn reserve() -> io::Result<()> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags =
        libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED_NOREPLACE;
    // SAFETY: a new anonymous mapping; it takes the place of nothing.
    let mapped = unsafe {
        libc::mmap(
            ptr::without_provenance_mut(HEAP),
            HEAP_SIZE + STACKS_SIZE,
            protection,
            flags,
            -1,
            0,
        )
    };
    if mapped == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    if mapped.addr() != HEAP {
        return Err(io::Error::other("the kernel gives no memory at fixed addresses"));
    }
    Ok(())
}

/// Gives the regions back, in a process that does not simulate itself.
pub(crate) fn release() {
    // SAFETY: `reserve` has just mapped them, and nothing lies in them yet.
    unsafe { libc::munmap(ptr::without_provenance_mut(HEAP), HEAP_SIZE + STACKS_SIZE) };
}

/// Makes the lowest page of a stack fault, so that a stack that overflows ends the process.
pub(crate) fn guard(stack: usize) {
    // SAFETY: the page lies in the region of the stacks, below a stack that nobody uses yet. If the
    // kernel refuses, an overflow runs into the next stack; nothing else changes.
    unsafe { libc::mprotect(ptr::without_provenance_mut(stack), PAGE, libc::PROT_NONE) };
}
