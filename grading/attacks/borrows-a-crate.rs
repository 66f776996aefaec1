// Takes crates that the harness has compiled.
// Graded: build_error

extern crate libc;
extern crate protocol;

impl Attack for Raft {}
