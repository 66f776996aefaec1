//! The clerks of the labs.

use node::Clerk;
use protocol::{Answer, Config, Operation};

/// A clerk of Lab 3.
pub(crate) struct KvClerk(pub(crate) kvraft::Clerk);

impl Clerk for KvClerk {
    fn operate(&mut self, operation: Operation) -> Result<Answer, Operation> {
        Ok(match operation {
            Operation::Get { key } => Answer::Value(self.0.get(&key)),
            Operation::Put { key, value } => {
                self.0.put(&key, &value);
                done()
            }
            Operation::Append { key, value } => {
                self.0.append(&key, &value);
                done()
            }
            other => return Err(other),
        })
    }
}

/// A clerk of the groups of Lab 4.
pub(crate) struct ShardClerk(pub(crate) shardkv::Clerk);

impl Clerk for ShardClerk {
    fn operate(&mut self, operation: Operation) -> Result<Answer, Operation> {
        Ok(match operation {
            Operation::Get { key } => Answer::Value(self.0.get(&key)),
            Operation::Put { key, value } => {
                self.0.put(&key, &value);
                done()
            }
            Operation::Append { key, value } => {
                self.0.append(&key, &value);
                done()
            }
            other => return Err(other),
        })
    }
}

/// A clerk of the controller of Lab 4.
pub(crate) struct ControllerClerk(pub(crate) shardkv::ctrler::Clerk);

impl Clerk for ControllerClerk {
    fn operate(&mut self, operation: Operation) -> Result<Answer, Operation> {
        Ok(match operation {
            Operation::Join { groups } => {
                self.0.join(&groups);
                changed()
            }
            Operation::Leave { gids } => {
                self.0.leave(&gids);
                changed()
            }
            Operation::Move { shard, gid } => {
                self.0.move_shard(shard, gid);
                changed()
            }
            Operation::Query { number } => {
                let config = self.0.query(number);
                let shardkv::ctrler::Config { number, shards, groups } = config;
                Answer::Config(Config { number, shards, groups })
            }
            other => return Err(other),
        })
    }
}

/// The answer after a clerk has written a value.
fn done() -> Answer {
    Answer::Value(String::new())
}

/// The answer after a clerk has changed the configuration.
fn changed() -> Answer {
    Answer::Config(Config::default())
}
