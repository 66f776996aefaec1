//! The students' workspace, cut from the instructor's.

mod lock;
mod regions;
mod secrecy;
mod solution;
mod stubs;
mod verify;
mod workspace;

pub(crate) use verify::verify;
pub(crate) use workspace::Handout;
