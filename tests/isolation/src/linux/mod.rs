//! Confinement on Linux.
//!
//! The first stage is set between fork and exec, so that it also holds what runs before `main`. It has to let
//! the loader of programs do its work. The second stage forbids that, too.

mod arch;
mod confinement;
mod files;
mod filter;
mod launch;
mod limits;
mod own_file;
mod rules;
mod second_stage;

pub(crate) use confinement::Confinement;
pub(crate) use launch::{Launch, end_with};
pub(crate) use second_stage::confine_self;
