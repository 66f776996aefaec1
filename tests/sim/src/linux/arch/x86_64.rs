//! x86-64.

use std::arch::{asm, naked_asm};
use std::ffi::{c_long, c_void};
use std::mem::offset_of;
use std::ptr;

use crate::platform::context::{Context, Entry};

/// `HWCAP2_FSGSBASE`: the kernel lets programs use `rdfsbase` and `wrfsbase`.
const MAY_SET_THREAD: libc::c_ulong = 1 << 1;

/// What it is called.
pub(crate) const NAME: &str = "x86-64";

/// Calls the kernel without libc. Returns what the kernel returns: on failure a negative error number.
///
/// # Safety
///
/// The arguments are valid for the system call `number`.
#[inline]
pub(crate) unsafe fn system_call(number: c_long, args: [c_long; 6]) -> c_long {
    let result: c_long;
    // SAFETY: this is how the kernel is called. It changes only these registers, and only the memory that the
    // caller's arguments allow.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") args[0], in("rsi") args[1], in("rdx") args[2],
            in("r10") args[3], in("r8") args[4], in("r9") args[5],
            lateout("rcx") _, lateout("r11") _,
            options(nostack)
        );
    }
    result
}

/// Whether programs on this machine may set the FS register, through which thread-locals are found.
pub(crate) fn can_switch() -> bool {
    // SAFETY: takes a plain number.
    unsafe { libc::getauxval(libc::AT_HWCAP2) & MAY_SET_THREAD != 0 }
}

/// A context that calls `entry` with `argument` on the stack below `top`, with the thread-locals of the calling
/// thread.
///
/// # Safety
///
/// The memory below `top` is a stack that is not in use, and [`can_switch`] holds.
pub(crate) unsafe fn new_context(top: usize, entry: Entry, argument: *mut c_void) -> Context {
    let thread: usize;
    // SAFETY: the caller promises that it is supported; the instruction only reads a register.
    unsafe { asm!("rdfsbase {}", out(reg) thread, options(nomem, nostack)) };
    let top = ptr::with_exposed_provenance_mut::<usize>(top & !15);
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
/// `load` was made by [`new_context`] or saved by this function, and has not been continued since.
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

/// The instruction at which a signal has stopped the thread with these registers.
pub(crate) fn stopped_at(registers: &libc::ucontext_t) -> usize {
    registers.uc_mcontext.gregs[libc::REG_RIP as usize] as usize
}
