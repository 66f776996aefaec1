//! Changing from one stack to another on the same thread of the operating system.

use std::arch::{asm, naked_asm};
use std::ffi::c_void;
use std::mem::offset_of;

/// Where a simulated thread continues.
#[derive(Debug)]
pub(crate) struct Context {
    /// The stack pointer. The callee-saved registers are on the stack.
    stack: usize,
    /// The FS register, through which thread-locals are found.
    thread: usize,
}

pub(crate) type Entry = extern "C" fn(*mut c_void) -> !;

impl Context {
    /// A context that has not been saved yet.
    pub(crate) const EMPTY: Context = Context { stack: 0, thread: 0 };
}

/// `HWCAP2_FSGSBASE`: the kernel lets programs use `rdfsbase` and `wrfsbase`.
const MAY_SET_THREAD: libc::c_ulong = 1 << 1;

/// Whether programs on this machine may set the FS register.
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
    /// The memory below `top` is a stack that is not in use, and [`is_supported`] holds.
    pub(crate) unsafe fn new(top: usize, entry: Entry, argument: *mut c_void) -> Self {
        let thread: usize;
        // SAFETY: the caller promises that it is supported; the instruction only reads a register.
        unsafe { asm!("rdfsbase {}", out(reg) thread, options(nomem, nostack)) };
        let top = std::ptr::with_exposed_provenance_mut::<usize>(top & !15);
        // What `switch` takes from the stack: six registers, then the address to return to.
        let [r15, r14, r13, r12, rbx, rbp] = [0, 0, argument.addr(), entry as usize, 0, 0];
        let words = [r15, r14, r13, r12, rbx, rbp, first_call as *const () as usize];
        // SAFETY: the caller promises that the stack is not in use.
        let stack = unsafe {
            let stack = top.sub(words.len());
            stack.cast::<[usize; 7]>().write(words);
            stack
        };
        Context { stack: stack.addr(), thread }
    }
}

/// The first code on a new stack: calls the function in r12 with the argument in r13. The stack is aligned
/// for the call.
#[unsafe(naked)]
unsafe extern "C" fn first_call() {
    naked_asm!("mov rdi, r13", "call r12", "ud2")
}

/// Saves the calling context at `save` and continues the one at `load`.
///
/// # Safety
///
/// `load` was made by [`Context::new`] or saved by this function, and has not been continued since.
/// To the compiler this is an ordinary call: it preserves the callee-saved registers, and when it returns,
/// thread-locals are the caller's again.
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
