//! Fixed addresses. The stack of a simulated thread and what it allocates lie at the same place in every
//! run, even if the system randomises addresses, and whatever the environment is.

use std::io;
use std::ptr;

/// Where the heap of simulated threads begins: below everything that Linux maps by itself.
pub(crate) const HEAP: usize = 0x10_0000_0000;

/// The address space of the heap, in bytes. The system provides memory only for what is used.
pub(crate) const HEAP_SIZE: usize = 32 << 30;

/// Where the stacks begin.
pub(crate) const STACKS: usize = HEAP + HEAP_SIZE;

/// The address space of the stacks, in bytes: 4,096 stacks of the default size.
pub(crate) const STACKS_SIZE: usize = 16 << 30;

/// The size of the guard below a stack, in bytes: a multiple of the size of a page, which some systems set to as much.
pub(crate) const GUARD: usize = 64 << 10;

/// Whether the system has the regions to give.
pub(crate) fn available() -> io::Result<()> {
    map(HEAP, HEAP_SIZE + STACKS_SIZE)?;
    // SAFETY: they have just been mapped, and nothing lies in them yet.
    unsafe { libc::munmap(ptr::without_provenance_mut(HEAP), HEAP_SIZE + STACKS_SIZE) };
    Ok(())
}

/// Stops the system from placing programs at random addresses that this process starts from now on.
pub(crate) fn steady_addresses() -> io::Result<()> {
    // SAFETY: takes plain numbers; this argument asks for the present value and changes nothing.
    let present = unsafe { libc::personality(0xffff_ffff) };
    if present < 0 {
        return Err(io::Error::last_os_error());
    }
    let wanted = present as libc::c_ulong | libc::ADDR_NO_RANDOMIZE as libc::c_ulong;
    // SAFETY: as above; it changes only how programs are started from now on.
    if unsafe { libc::personality(wanted) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Reserves the heap. A process does it once.
pub(crate) fn reserve() -> io::Result<()> {
    map(HEAP, HEAP_SIZE)
}

/// Makes a stack of `size` bytes, of which the lowest stay inaccessible, so that an overflow ends the process. Nothing
/// else is ever placed between two stacks: the system places what it maps by itself elsewhere.
pub(crate) fn map_stack(stack: usize, size: usize) -> io::Result<()> {
    map(stack + GUARD, size - GUARD)
}

/// Maps memory, of which the system provides what is used.
fn map(address: usize, size: usize) -> io::Result<()> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags =
        libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED_NOREPLACE;
    let place = ptr::without_provenance_mut(address);
    // SAFETY: a new anonymous mapping, which replaces no other.
    let mapped = unsafe { libc::mmap(place, size, protection, flags, -1, 0) };
    if mapped == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    if mapped != place {
        // SAFETY: it has just been mapped, and nothing lies in it.
        unsafe { libc::munmap(mapped, size) };
        return Err(io::Error::other("the kernel does not map memory at fixed addresses"));
    }
    Ok(())
}
