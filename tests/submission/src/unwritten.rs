//! What optional stages ask for, for solutions that do not have it.
//!
//! A method of the type itself goes before one of a trait, whether it takes `&self` or `self: &Arc<Self>`. So a solution
//! of the other stages compiles as it is, and what it does not have panics with the task.

/// The methods of optional stages.
#[allow(dead_code, reason = "a solution may have all of them")]
pub(crate) trait Unwritten {
    /// 2E.
    fn transfer_leadership(&self, _to: usize) -> bool {
        unimplemented!("2E: write Raft::transfer_leadership, as the assignment says")
    }
}

impl Unwritten for raft::Raft {}
