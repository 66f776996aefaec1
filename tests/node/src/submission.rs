//! What of the submission a node runs.

use std::sync::Arc;

use crossbeam_channel::bounded;
use kvraft::KvServer;
use labrpc::{ClientEnd, Server};
use protocol::{FromNode, Life, Operation, Outcome, Question, Role};
use raft::Raft;
use shardkv::ctrler::CtrlerServer;
use shardkv::{MakeEnd, Setup, ShardServer};

use crate::clerks::Clerk;
use crate::connection::Connection;
use crate::disk;
use crate::ends::Ends;
use crate::exit;
use crate::log_service::LogService;
use crate::queue::Queue;
use crate::server::LabServer;

/// What of the submission this node runs.
pub(crate) enum Submission {
    Server(LabServer),
    /// A clerk; its thread takes operations with the numbers of their questions.
    Clerk {
        operations: Arc<Queue<(u64, Operation)>>,
        judge: Arc<Connection>,
    },
}

/// What the thread that has made a submission does from then on.
pub(crate) type Work = Box<dyn FnOnce()>;

impl Submission {
    /// Passes a request on.
    pub(crate) fn serve(&self, request: u64, method: &str, args: Vec<u8>) {
        match self {
            Submission::Server(server) => server.serve(request, method, args),
            Submission::Clerk { judge, .. } => {
                let outcome = Outcome::Refused(format!("no method {method}; this is a clerk"));
                judge.send(&FromNode::Reply { request, outcome });
            }
        }
    }

    /// Passes a question on.
    pub(crate) fn ask(&self, ask: u64, question: Question) {
        match (self, question) {
            (Submission::Server(server), question) => server.ask(ask, question),
            (Submission::Clerk { operations, .. }, Question::Operate(operation)) => {
                operations.add((ask, operation));
            }
            (Submission::Clerk { .. }, question) => {
                exit::broken(format!("a clerk is asked for {question:?}"))
            }
        }
    }
}

/// Makes the server or clerk of a life, which calls the submission. Returns it, and what the calling thread
/// must do next.
pub(crate) fn make(life: Life, ends: Arc<Ends>, judge: Arc<Connection>) -> (Submission, Work) {
    let peers = ends.known(&life.ends);
    let controllers = ends.known(&life.controllers);
    let make_end: MakeEnd = Arc::new(move |server| ends.make(server));
    match life.role {
        Role::KvClerk => clerk(kvraft::Clerk::new(peers), judge),
        Role::ControllerClerk => clerk(shardkv::ctrler::Clerk::new(peers), judge),
        Role::ShardClerk => clerk(shardkv::Clerk::new(peers, make_end), judge),
        Role::Raft { snapshot_interval } => log_server(life, peers, snapshot_interval, judge),
        Role::KvServer { max_raft_state } => {
            let disk = disk::open(life.state, life.snapshot, judge.clone());
            let server = KvServer::start(peers, life.me, disk, max_raft_state);
            let handlers = Server::new().with(server.rpc_service());
            replicated(server.raft().clone(), handlers, move || server.kill(), judge)
        }
        Role::Controller => {
            let disk = disk::open(life.state, life.snapshot, judge.clone());
            let server = CtrlerServer::start(peers, life.me, disk);
            let handlers = Server::new().with(server.rpc_service());
            replicated(server.raft().clone(), handlers, move || server.kill(), judge)
        }
        Role::ShardServer { gid, max_raft_state } => {
            let disk = disk::open(life.state, life.snapshot, judge.clone());
            let setup = Setup { gid, controllers, make_end };
            let server = ShardServer::start(peers, life.me, disk, max_raft_state, setup);
            let handlers = Server::new().with(server.rpc_service());
            replicated(server.raft().clone(), handlers, move || server.kill(), judge)
        }
    }
}

/// What a server is that does not need the thread that has made it.
fn replicated(
    raft: Arc<Raft>,
    handlers: Server,
    kill: impl Fn() + Send + Sync + 'static,
    judge: Arc<Connection>,
) -> (Submission, Work) {
    let server = LabServer::new(raft, handlers, kill, None, judge);
    (Submission::Server(server), Box::new(|| {}))
}

/// A Raft with the service of Lab 2, which runs on the calling thread.
fn log_server(
    life: Life,
    peers: Vec<ClientEnd>,
    snapshot_interval: Option<u64>,
    judge: Arc<Connection>,
) -> (Submission, Work) {
    let (sender, messages) = bounded(0);
    let disk = disk::open(life.state, life.snapshot.clone(), judge.clone());
    let raft = Raft::make(peers, life.me, disk, sender);
    let service = LogService::restore(
        &life.snapshot,
        snapshot_interval,
        raft.clone(),
        messages.clone(),
        judge.clone(),
    );
    let own = raft.clone();
    let server = LabServer::new(raft, Server::new(), move || own.kill(), Some(messages), judge);
    (Submission::Server(server), Box::new(|| service.run()))
}

/// A clerk, which carries out operations on the calling thread, one at a time.
fn clerk(mut clerk: impl Clerk + 'static, judge: Arc<Connection>) -> (Submission, Work) {
    let operations = Arc::new(Queue::new());
    let (asked, connection) = (operations.clone(), judge.clone());
    let work = move || {
        loop {
            for (ask, operation) in asked.take() {
                let answer = clerk.operate(operation);
                connection.send(&FromNode::Answer { ask, answer });
            }
        }
    };
    (Submission::Clerk { operations, judge }, Box::new(work))
}
