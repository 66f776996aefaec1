//! The servers and clerks of the labs.

use std::sync::Arc;

use crossbeam_channel::bounded;
use kvraft::KvServer;
use labrpc::Server;
use node::{Ends, Saves, Submission};
use protocol::{Life, Role};
use shardkv::ctrler::CtrlerServer;
use shardkv::{MakeEnd, Setup, ShardServer};

use crate::clerks::{ControllerClerk, KvClerk, ShardClerk};
use crate::disk;
use crate::rafts::{ApplyChannel, Raft, make_raft};

/// Makes the server or clerk of a life.
pub fn make(life: Life, ends: Arc<Ends>, saves: Saves) -> Submission {
    let peers = ends.known(&life.ends);
    let controllers = ends.known(&life.controllers);
    let make_end: MakeEnd = Arc::new(move |server| ends.make(server));
    let disk = || disk::open(life.state, life.snapshot, saves);
    match life.role {
        Role::KvClerk => Submission::Clerk(Box::new(KvClerk(kvraft::Clerk::new(peers)))),
        Role::ControllerClerk => {
            Submission::Clerk(Box::new(ControllerClerk(shardkv::ctrler::Clerk::new(peers))))
        }
        Role::ShardClerk => {
            Submission::Clerk(Box::new(ShardClerk(shardkv::Clerk::new(peers, make_end))))
        }
        Role::Raft { .. } => {
            let (sender, messages) = bounded(0);
            let raft = make_raft(peers, life.me, disk(), sender, life.members);
            let own = raft.clone();
            Submission::Server {
                handlers: Server::new().with(raft.rpc_service()),
                raft: Arc::new(Raft(raft)),
                kill: Box::new(move || own.kill()),
                applied: Some(Arc::new(ApplyChannel(messages))),
            }
        }
        Role::KvServer { max_raft_state } => {
            let server = KvServer::start(peers, life.me, disk(), max_raft_state);
            let handlers = Server::new().with(server.rpc_service());
            replicated(server.raft().clone(), handlers, move || server.kill())
        }
        Role::Controller => {
            let server = CtrlerServer::start(peers, life.me, disk());
            let handlers = Server::new().with(server.rpc_service());
            replicated(server.raft().clone(), handlers, move || server.kill())
        }
        Role::ShardServer { gid, max_raft_state } => {
            let setup = Setup { gid, controllers, make_end };
            let server = ShardServer::start(peers, life.me, disk(), max_raft_state, setup);
            let handlers = Server::new().with(server.rpc_service());
            replicated(server.raft().clone(), handlers, move || server.kill())
        }
    }
}

/// A server above a Raft, whose handlers are added to its own.
fn replicated(
    raft: Arc<raft::Raft>,
    handlers: Server,
    kill: impl Fn() + Send + Sync + 'static,
) -> Submission {
    Submission::Server {
        handlers: handlers.with(raft.rpc_service()),
        raft: Arc::new(Raft(raft)),
        kill: Box::new(kill),
        applied: None,
    }
}
