//! What a server needs to know about the world outside of its group.

use std::sync::Arc;

use labrpc::ClientEnd;

use crate::ctrler::Gid;

/// Makes a client end to the server with this name. The controller's configurations name the servers of
/// each group.
pub type MakeEnd = Arc<dyn Fn(&str) -> ClientEnd + Send + Sync>;

/// What a server needs to know about the world outside of its group.
pub struct Setup {
    /// The number of the group that it belongs to.
    pub gid: Gid,
    /// Client ends to the servers of the controller.
    pub controllers: Vec<ClientEnd>,
    /// Makes client ends to the servers of other groups.
    pub make_end: MakeEnd,
}
