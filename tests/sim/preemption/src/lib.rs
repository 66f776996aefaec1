//! Interrupts compiled code between any two of its basic blocks.
//!
//! The students' crates are compiled with a call of this crate at each edge between two basic blocks
//! (`.cargo/rustc`). It counts how often each edge is passed, and calls a hook when that was often enough: so the
//! simulator can let another thread run anywhere in these crates. Outside of a simulation edges do not count, and
//! compiled code looks at one word in each function.
//!
//! The symbols are those of LLVM's coverage, which is what the stable compiler can insert.

mod edges;

pub use edges::{Edge, in_another_thread, start, without};
