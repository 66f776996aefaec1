//! Small programs, each about one way to block, to read the time or to draw random numbers.

pub(crate) mod crossbeam;
pub(crate) mod parking_lot;
pub(crate) mod randomness;
pub(crate) mod scenario;
pub(crate) mod std_sync;
pub(crate) mod threads;
pub(crate) mod time;
