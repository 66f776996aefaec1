//! What depends on the kind of processor. No other file of the simulation knows which kind it is.
//!
//! For each kind there is a file with the same name and functions:
//!
//! - `NAME` is what people call it.
//! - `system_call` calls the kernel without libc.
//! - `can_switch` says whether programs may change from one simulated thread to another by themselves. If not,
//!   the kernel does it (`switching`).
//! - `new_context` and `switch` do that.
//! - `stopped_at` says at which instruction a signal has stopped a thread.

#[cfg_attr(target_arch = "aarch64", path = "arch/aarch64.rs")]
#[cfg_attr(target_arch = "x86_64", path = "arch/x86_64.rs")]
mod processor;

pub(crate) use processor::{NAME, can_switch, new_context, stopped_at, switch, system_call};
