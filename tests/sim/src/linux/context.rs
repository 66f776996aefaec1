//! Changing from one stack to another on the same thread of the system.

use std::arch::{asm, naked_asm};
use std::ffi::c_void;
use std::mem::offset_of;

/// Where a simulated thread goes on.
#[derive(Debug)]
pub(crate) struct Context {
    /// The stack pointer; the registers that functions must keep are on the stack.
    stack: usize,
    /// What thread-locals are found by.
    thread: usize,
}

pub(crate) type Entry = extern "C" fn(*mut c_void) -> !;

impl Context {
    /// A context to be written to.
    pub(crate) const EMPTY: Context = Context { stack: 0, thread: 0 };
}

/// The kernel lets programs use `rdfsbase` and `wrfsbase`: `HWCAP2_FSGSBASE`.
const MAY_SET_THREAD: libc::c_ulong = 1 << 1;

/// Whether programs may change stacks and thread-locals on this machine.
pub(crate) fn is_supported() -> bool {
    // SAFETY: takes a plain number.
    unsafe { libc::getauxval(libc::AT_HWCAP2) & MAY_SET_THREAD != 0 }
}

impl Context {
    /// A context that calls `entry` with `argument` on the stack below `top`, with the
    /// thread-locals of the calling thread.
    ///
    /// # Safety
    ///
    /// The memory below `top` is a stack that nobody uses, and the machine is supported.
    pub(crate) unsafe fn new(top: usize, entry: Entry, argument: *mut c_void) -> Self {
        let thread: usize;
        // SAFETY: supported, says the caller; the instruction only reads a register.
        unsafe { asm!("rdfsbase {}", out(reg) thread, options(nomem, nostack)) };
        let top = std::ptr::with_exposed_provenance_mut::<usize>(top & !15);
        // What `switch` takes from the stack: six registers, then where to go.
        let [r15, r14, r13, r12, rbx, rbp] = [0, 0, argument.addr(), entry as usize, 0, 0];
        let words = [r15, r14, r13, r12, rbx, rbp, begin as *const () as usize];
        // SAFETY: the stack is free, says the caller.
        let stack = unsafe {
            let stack = top.sub(words.len());
            stack.cast::<[usize; 7]>().write(words);
            stack
        };
        Context { stack: stack.addr(), thread }
    }
}

/// The first thing on a new stack: calls r12 with r13, on a stack aligned as calls want it.
#[unsafe(naked)]
unsafe extern "C" fn begin() {
    naked_asm!("mov rdi, r13", "call r12", "ud2")
}

/// Leaves the present context at `save` and goes on with the one at `load`.
///
/// # Safety
///
/// `load` was made by [`Context::new`] or left by this function, and has not been continued since.
/// The compiler sees a call that keeps the registers that calls keep; thread-locals are those of the
/// caller again when it returns.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn switch(save: *mut Context, load: *const Context) {
    naked_asm!(
        "push rbp",
        "push rbx",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "rdfsbase rax",
        "mov [rdi + {stack}], rsp",
        "mov [rdi + {thread}], rax",
        "mov rsp, [rsi + {stack}]",
        "mov rax, [rsi + {thread}]",
        "wrfsbase rax",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbx",
        "pop rbp",
        "ret",
        stack = const offset_of!(Context, stack),
        thread = const offset_of!(Context, thread),
    )
}
