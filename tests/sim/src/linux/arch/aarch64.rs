//! AArch64.

use std::arch::{asm, naked_asm};
use std::ffi::{c_long, c_void};
use std::mem::offset_of;
use std::ptr;

use crate::platform::context::{Context, Entry};

/// What it is called.
pub(crate) const NAME: &str = "AArch64";

/// Calls the kernel without libc. Returns what the kernel returns: on failure a negative error number.
///
/// # Safety
///
/// The arguments are valid for the system call `number`.
#[inline]
pub(crate) unsafe fn system_call(number: c_long, args: [c_long; 6]) -> c_long {
    let result: c_long;
    // SAFETY: this is how the kernel is called. It changes only the memory that the caller's arguments allow, and
    // no register but the first, except for what vector registers have beyond 128 bits: no function has to
    // preserve that.
    unsafe {
        asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") args[0] => result,
            in("x1") args[1], in("x2") args[2], in("x3") args[3],
            in("x4") args[4], in("x5") args[5],
            clobber_abi("C"),
            options(nostack)
        );
    }
    result
}

/// Programs may always set the register through which thread-locals are found.
pub(crate) fn can_switch() -> bool {
    true
}

/// A context that calls `entry` with `argument` on the stack below `top`, with the thread-locals of the calling
/// thread.
///
/// # Safety
///
/// The memory below `top` is a stack that is not in use.
pub(crate) unsafe fn new_context(top: usize, entry: Entry, argument: *mut c_void) -> Context {
    let thread: usize;
    // SAFETY: the instruction only reads a register.
    unsafe { asm!("mrs {}, tpidr_el0", out(reg) thread, options(nomem, nostack)) };
    let top = ptr::with_exposed_provenance_mut::<usize>(top & !15);
    // What `switch` takes from the stack: x19 and x20, eight more registers, x29, the address to return to, and
    // eight floating-point registers.
    let mut words = [0; 20];
    words[0] = entry as usize;
    words[1] = argument.addr();
    words[11] = first_call as *const () as usize;
    // SAFETY: the caller promises that the stack is not in use.
    let stack = unsafe {
        let stack = top.sub(words.len());
        stack.cast::<[usize; 20]>().write(words);
        stack
    };
    Context { stack: stack.addr(), thread }
}

/// The first code on a new stack: calls the function in x19 with the argument in x20.
#[unsafe(naked)]
unsafe extern "C" fn first_call() {
    naked_asm!("mov x0, x20", "blr x19", "brk #1")
}

/// Saves the calling context at `save` and continues the one at `load`.
///
/// # Safety
///
/// `load` was made by [`new_context`] or saved by this function, and has not been continued since.
/// To the compiler this is an ordinary call: it preserves the callee-saved registers, and when it returns,
/// thread-locals are the caller's again.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn switch(save: *mut Context, load: *const Context) {
    naked_asm!(
        "stp x19, x20, [sp, #-160]!",
        "stp x21, x22, [sp, #16]",
        "stp x23, x24, [sp, #32]",
        "stp x25, x26, [sp, #48]",
        "stp x27, x28, [sp, #64]",
        "stp x29, x30, [sp, #80]",
        "stp d8, d9, [sp, #96]",
        "stp d10, d11, [sp, #112]",
        "stp d12, d13, [sp, #128]",
        "stp d14, d15, [sp, #144]",
        "mov x9, sp",
        "mrs x10, tpidr_el0",
        "str x9, [x0, #{stack}]",
        "str x10, [x0, #{thread}]",
        "ldr x9, [x1, #{stack}]",
        "ldr x10, [x1, #{thread}]",
        "mov sp, x9",
        "msr tpidr_el0, x10",
        "ldp d14, d15, [sp, #144]",
        "ldp d12, d13, [sp, #128]",
        "ldp d10, d11, [sp, #112]",
        "ldp d8, d9, [sp, #96]",
        "ldp x29, x30, [sp, #80]",
        "ldp x27, x28, [sp, #64]",
        "ldp x25, x26, [sp, #48]",
        "ldp x23, x24, [sp, #32]",
        "ldp x21, x22, [sp, #16]",
        "ldp x19, x20, [sp], #160",
        "ret",
        stack = const offset_of!(Context, stack),
        thread = const offset_of!(Context, thread),
    )
}

/// The instruction at which a signal has stopped the thread with these registers.
pub(crate) fn stopped_at(registers: &libc::ucontext_t) -> usize {
    registers.uc_mcontext.pc as usize
}
