//! The servers of a group: a file of Lab 4B.
// BEGIN SOLUTION 4B
//!
//! A group takes one configuration after the other, through its log. With each, some of its shards become
//! *leaving*: they are not served any more, and handed to the group that is to have them. Others become
//! *awaited*, until the group that had them hands them over. Both happens for each shard by itself. When
//! nothing is leaving and nothing awaited, the group is ready for the next configuration.
//!
//! All groups thus work on the same step or wait for those that are behind, and as nobody waits for a
//! later step, they never wait for each other in a circle.
// END SOLUTION

// HANDOUT 4B: // Until the stubs are filled in:
// HANDOUT 4B: #![allow(unused, clippy::allow_attributes)]

// BEGIN SOLUTION 4B
use std::collections::{BTreeMap, BTreeSet};
// END SOLUTION
use std::sync::Arc;
// BEGIN SOLUTION 4B
use std::thread;
use std::time::Duration;
// END SOLUTION

use labrpc::{ClientEnd, Service};
// BEGIN SOLUTION 4B
use parking_lot::Mutex;
use raft::Couriers;
// END SOLUTION
use raft::{Persister, Raft};
use serde::{Deserialize, Serialize};

// BEGIN SOLUTION 4B
use crate::ctrler::{Clerk, Config, Gid, NOBODY, SHARDS, shard_of};
use crate::replica::{Machine, Replica};
use crate::setup::MakeEnd;
// END SOLUTION
use crate::setup::Setup;

// BEGIN SOLUTION 4B
/// How often a leader looks for a new configuration, and tries again to hand over what is leaving.
const TICK: Duration = Duration::from_millis(50);
// END SOLUTION

/// What a clerk asks of a server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    // HANDOUT 4B: // The operation, and what tells a repetition from a new one.
    // BEGIN SOLUTION 4B
    pub(crate) client: u64,
    /// Counts the clerk's requests.
    pub(crate) number: u64,
    pub(crate) key: String,
    pub(crate) op: Op,
    // END SOLUTION
}

// BEGIN SOLUTION 4B
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Op {
    Get,
    Put { value: String },
    Append { value: String },
}
// END SOLUTION

/// A server's answer to a clerk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reply {
    // HANDOUT 4B: // The value, or why this server cannot help.
    // BEGIN SOLUTION 4B
    /// `None` if this server does not lead.
    pub(crate) answer: Option<Answer>,
    // END SOLUTION
}

// BEGIN SOLUTION 4B
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// It is done. What a Get has found; empty for all else.
    Done(String),
    /// This group does not have the shard.
    Elsewhere,
    /// It will, but not yet.
    NotYet,
}

/// What one group hands to another.
#[derive(Clone, Serialize, Deserialize)]
pub struct HandOverArgs {
    /// The number of the configuration by which the shards change hands.
    number: u64,
    shards: Vec<(usize, Data)>,
}

/// Whether the receiver has taken it, for good.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HandOverReply {
    taken: bool,
}
// END SOLUTION

/// One server of a group.
pub struct ShardServer {
    // HANDOUT 4B: raft: Arc<Raft>,
    // BEGIN SOLUTION 4B
    replica: Arc<Replica<Holdings>>,
    gid: Gid,
    make_end: MakeEnd,
    ends: Mutex<BTreeMap<String, ClientEnd>>,
    /// To whom shards are being handed over.
    receivers: Mutex<BTreeSet<Gid>>,
    couriers: Couriers,
    // END SOLUTION
}

impl ShardServer {
    /// Starts the server `me` of a group, from what it has saved before. Returns at once.
    ///
    /// `peers` holds an end to every server of the group, this one included. As soon as Raft's state takes
    /// more than `max_raft_state` bytes on disk, a snapshot is due; `None` means never.
    pub fn start(
        peers: Vec<ClientEnd>,
        me: usize,
        persister: Arc<Persister>,
        max_raft_state: Option<usize>,
        setup: Setup,
    ) -> Arc<ShardServer> {
        // BEGIN SOLUTION 4B: make a Raft, and start threads that apply and that follow the controller
        let server = Arc::new(ShardServer {
            replica: Replica::start(peers, me, persister, max_raft_state),
            gid: setup.gid,
            make_end: setup.make_end,
            ends: Mutex::default(),
            receivers: Mutex::default(),
            couriers: Couriers::new(),
        });
        let manager = server.clone();
        thread::spawn(move || manager.manage(Clerk::new(setup.controllers)));
        server
        // END SOLUTION
    }

    /// The Raft of this server.
    pub fn raft(&self) -> &Arc<Raft> {
        // BEGIN SOLUTION 4B: the Raft that was made at the start
        self.replica.raft()
        // END SOLUTION
    }

    /// The RPC methods of this server, one line each. Those of its Raft are beside them.
    pub fn rpc_service(self: &Arc<Self>) -> Service<ShardServer> {
        Service::new("ShardServer", self.clone())
            .method("Operate", ShardServer::operate)
            // BEGIN SOLUTION 4B
            .method("HandOver", ShardServer::hand_over)
        // END SOLUTION
    }

    /// Handles a request: returns when it has been carried out, or cannot be by this server.
    pub fn operate(&self, request: Request) -> Reply {
        // BEGIN SOLUTION 4B: propose the request, and wait until it is applied
        if self.replica.leads().is_none() {
            return Reply { answer: None };
        }
        let refusal = self.replica.look(|holdings| holdings.refusal(&request.key));
        if refusal.is_some() {
            return Reply { answer: refusal };
        }
        Reply { answer: self.replica.execute(&Command::Operate(request)) }
        // END SOLUTION
    }

    /// Stops this server: its threads end soon.
    pub fn kill(&self) {
        // BEGIN SOLUTION 4B: end your threads, and Raft
        self.replica.kill();
        // END SOLUTION
    }
}

// BEGIN SOLUTION 4B
/// Following the controller.
impl ShardServer {
    /// Takes shards from another group.
    fn hand_over(&self, args: HandOverArgs) -> HandOverReply {
        let answer = self.replica.execute(&Command::Take(args));
        HandOverReply { taken: matches!(answer, Some(Answer::Done(_))) }
    }

    fn manage(self: Arc<Self>, mut controller: Clerk) {
        let mut settled_in = None;
        while !self.replica.is_killed() {
            if let Some(term) = self.replica.leads() {
                // What earlier leaders have put into the log is committed only with an entry of this
                // term (section 5.4.2), and there may be no other for long.
                if settled_in != Some(term) && self.replica.execute(&Command::Nothing).is_some() {
                    settled_in = Some(term);
                }
                self.hand_over_leaving();
                self.advance(&mut controller);
                self.hand_over_leaving();
            }
            thread::sleep(TICK);
        }
    }

    /// Takes the next configuration, if there is one and the group is ready.
    fn advance(&self, controller: &mut Clerk) {
        let Some(next) = self.replica.look(|holdings| holdings.ready_for()) else {
            return;
        };
        if let Some(config) = controller.try_query(Some(next))
            && config.number == next
        {
            self.replica.execute(&Command::Configure { config, gid: self.gid });
        }
    }

    /// Hands over what is leaving, to each group by itself: one that is dead holds up no other.
    fn hand_over_leaving(self: &Arc<Self>) {
        let receivers = self.replica.look(|holdings| holdings.receivers());
        for gid in receivers {
            if self.receivers.lock().insert(gid) {
                let server = self.clone();
                self.couriers.dispatch(move || {
                    server.hand_over_to(gid);
                    server.receivers.lock().remove(&gid);
                });
            }
        }
    }

    /// Asks each server of a group once to take what it is to have.
    fn hand_over_to(&self, gid: Gid) {
        let (args, names) = self.replica.look(|holdings| {
            let names = holdings.config.groups.get(&gid).cloned().unwrap_or_default();
            (holdings.leaving_for(gid), names)
        });
        for name in names {
            let reply: Option<HandOverReply> =
                self.end_to(&name).call("ShardServer.HandOver", &args);
            if reply.is_some_and(|reply| reply.taken) {
                let shards = args.shards.iter().map(|(shard, _)| *shard).collect();
                self.replica.execute(&Command::Drop { number: args.number, shards });
                return;
            }
        }
    }

    fn end_to(&self, name: &str) -> ClientEnd {
        let mut ends = self.ends.lock();
        ends.entry(name.to_owned()).or_insert_with(|| (self.make_end)(name)).clone()
    }
}

/// What goes into a group's log.
#[derive(Clone, Serialize, Deserialize)]
enum Command {
    Operate(Request),
    /// Takes the next configuration, as the group of this number.
    Configure {
        config: Config,
        gid: Gid,
    },
    /// Takes shards that another group hands over.
    Take(HandOverArgs),
    /// Drops shards that their new group has taken.
    Drop {
        number: u64,
        shards: Vec<usize>,
    },
    Nothing,
}

/// What a group has.
#[derive(Default, Serialize, Deserialize)]
struct Holdings {
    config: Config,
    shards: [Shard; SHARDS],
}

/// A shard, as a group sees it.
#[derive(Default, Serialize, Deserialize)]
enum Shard {
    /// Another group has it.
    #[default]
    Elsewhere,
    Served(Data),
    /// It is this group's, but has not come yet.
    Awaited,
    /// It is not this group's any more, but has not been taken yet.
    Leaving(Data),
}

/// The content of a shard.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Data {
    values: BTreeMap<String, String>,
    /// By client: the number of its last Put or Append in this shard. It moves with the shard: a clerk may
    /// repeat a request at the new group.
    last_writes: BTreeMap<u64, u64>,
}

impl Machine for Holdings {
    type Command = Command;
    type Answer = Answer;

    fn apply(&mut self, command: Command) -> Answer {
        let done = Answer::Done(String::new());
        match command {
            Command::Operate(request) => return self.operate(&request),
            Command::Configure { config, gid } => self.configure(config, gid),
            Command::Take(args) => return self.take(args),
            Command::Drop { number, shards } => self.drop_taken(number, &shards),
            Command::Nothing => {}
        }
        done
    }
}

impl Holdings {
    /// Why a key cannot be served, if it cannot.
    fn refusal(&self, key: &str) -> Option<Answer> {
        match &self.shards[shard_of(key)] {
            Shard::Served(_) => None,
            Shard::Awaited => Some(Answer::NotYet),
            Shard::Elsewhere | Shard::Leaving(_) => Some(Answer::Elsewhere),
        }
    }

    fn operate(&mut self, request: &Request) -> Answer {
        if let Some(refusal) = self.refusal(&request.key) {
            return refusal;
        }
        match &mut self.shards[shard_of(&request.key)] {
            Shard::Served(data) => Answer::Done(data.operate(request)),
            _ => Answer::Elsewhere,
        }
    }

    /// The number of the next configuration, if everything of this one is done.
    fn ready_for(&self) -> Option<u64> {
        let settled = |shard: &Shard| matches!(shard, Shard::Elsewhere | Shard::Served(_));
        self.shards.iter().all(settled).then_some(self.config.number + 1)
    }

    fn configure(&mut self, config: Config, gid: Gid) {
        if self.ready_for() != Some(config.number) {
            return;
        }
        for (number, shard) in self.shards.iter_mut().enumerate() {
            let (before, after) = (self.config.shards[number], config.shards[number]);
            *shard = match std::mem::take(shard) {
                Shard::Served(_) if after == NOBODY => Shard::Elsewhere,
                Shard::Served(data) if after != gid => Shard::Leaving(data),
                Shard::Elsewhere if after == gid && before == NOBODY => {
                    Shard::Served(Data::default())
                }
                Shard::Elsewhere if after == gid => Shard::Awaited,
                same => same,
            };
        }
        self.config = config;
    }

    fn take(&mut self, args: HandOverArgs) -> Answer {
        if args.number > self.config.number {
            return Answer::NotYet;
        }
        // Of an earlier configuration it has been taken before: otherwise this one would not be here.
        if args.number == self.config.number {
            for (shard, data) in args.shards {
                if matches!(self.shards[shard], Shard::Awaited) {
                    self.shards[shard] = Shard::Served(data);
                }
            }
        }
        Answer::Done(String::new())
    }

    fn drop_taken(&mut self, number: u64, shards: &[usize]) {
        for shard in shards {
            if number == self.config.number && matches!(self.shards[*shard], Shard::Leaving(_)) {
                self.shards[*shard] = Shard::Elsewhere;
            }
        }
    }

    /// The groups for which something is leaving.
    fn receivers(&self) -> BTreeSet<Gid> {
        let leaving = self.shards.iter().zip(self.config.shards);
        leaving
            .filter(|(shard, _)| matches!(shard, Shard::Leaving(_)))
            .map(|(_, gid)| gid)
            .collect()
    }

    fn leaving_for(&self, gid: Gid) -> HandOverArgs {
        let shards = self.shards.iter().enumerate().filter_map(|(number, shard)| match shard {
            Shard::Leaving(data) if self.config.shards[number] == gid => {
                Some((number, data.clone()))
            }
            _ => None,
        });
        HandOverArgs { number: self.config.number, shards: shards.collect() }
    }
}

impl Data {
    fn operate(&mut self, request: &Request) -> String {
        let Request { client, number, key, op } = request;
        let is_new = self.last_writes.get(client).is_none_or(|last| last < number);
        match op {
            Op::Get => return self.values.get(key).cloned().unwrap_or_default(),
            Op::Put { value } if is_new => {
                self.values.insert(key.clone(), value.clone());
            }
            Op::Append { value } if is_new => {
                self.values.entry(key.clone()).or_default().push_str(value);
            }
            Op::Put { .. } | Op::Append { .. } => return String::new(),
        }
        self.last_writes.insert(*client, *number);
        String::new()
    }
}
// END SOLUTION
