//! The client ends of this node.

use std::sync::Arc;

use labrpc::{ClientEnd, EndId, Transport};
use parking_lot::Mutex;
use protocol::FromNode;

use crate::connection::Connection;

/// Makes client ends.
pub struct Ends {
    connection: Arc<Connection>,
    transport: Arc<dyn Transport>,
    /// How many ends there are. The judge counts them as well: held until it knows of a new one.
    count: Mutex<u64>,
}

impl Ends {
    pub(crate) fn new(connection: Arc<Connection>, transport: Arc<dyn Transport>) -> Self {
        Ends { connection, transport, count: Mutex::new(0) }
    }

    /// Ends that the judge knows of already, to the servers with these names, with the next numbers.
    pub fn known(&self, servers: &[String]) -> Vec<ClientEnd> {
        let mut count = self.count.lock();
        servers.iter().map(|server| self.next(&mut count, server)).collect()
    }

    /// A new end.
    pub fn make(&self, server: &str) -> ClientEnd {
        let mut count = self.count.lock();
        let end = self.next(&mut count, server);
        self.connection.send(&FromNode::MakeEnd { end: end.id().0, to: server.to_owned() });
        end
    }

    fn next(&self, count: &mut u64, server: &str) -> ClientEnd {
        let id = EndId(*count);
        *count += 1;
        ClientEnd::new(id, server, self.transport.clone())
    }
}
