//! What a server is told of the world around its group.

use std::sync::Arc;

use labrpc::ClientEnd;

use crate::ctrler::Gid;

/// Makes an end to the server of this name. The controller's configurations name the servers of each
/// group.
pub type MakeEnd = Arc<dyn Fn(&str) -> ClientEnd + Send + Sync>;

/// What a server is told of the world around its group.
pub struct Setup {
    /// The number of the group that it belongs to.
    pub gid: Gid,
    /// Ends to the servers of the controller.
    pub controllers: Vec<ClientEnd>,
    /// Makes ends to the servers of other groups.
    pub make_end: MakeEnd,
}
