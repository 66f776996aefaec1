//! Where the code of submissions is compiled and run.
//!
//! The outer layer is bubblewrap, where it is installed and the system allows it: the code sees only the
//! files listed for it, and no network, no other processes and none of the environment. Where bubblewrap
//! does not work, Landlock restricts files and the network for the launcher and everything it starts. In
//! both cases the launcher first limits memory, file sizes and processor time, and closes every inherited
//! descriptor. The inner layer is part of the test runner: each test process confines itself before the
//! submission's code starts.

mod bubblewrap;
mod command;
mod isolation;
mod landlock;
mod launcher;
mod limits;
mod task;
mod user;

pub(crate) use command::Sandbox;
pub(crate) use isolation::Isolation;
pub(crate) use launcher::{LAUNCHER, Launch, launch};
pub(crate) use limits::Limits;
pub(crate) use task::Task;
pub(crate) use user::User;
