//! The clerks of the labs, and what the judge can ask of them.

use protocol::{Answer, Config, Operation};

use crate::exit;

/// A clerk of any lab.
pub(crate) trait Clerk: Send {
    /// Carries out an operation; returns when it has succeeded.
    fn operate(&mut self, operation: Operation) -> Answer;
}

impl Clerk for kvraft::Clerk {
    fn operate(&mut self, operation: Operation) -> Answer {
        match operation {
            Operation::Get { key } => Answer::Value(self.get(&key)),
            Operation::Put { key, value } => {
                self.put(&key, &value);
                done()
            }
            Operation::Append { key, value } => {
                self.append(&key, &value);
                done()
            }
            other => unknown(&other),
        }
    }
}

impl Clerk for shardkv::Clerk {
    fn operate(&mut self, operation: Operation) -> Answer {
        match operation {
            Operation::Get { key } => Answer::Value(self.get(&key)),
            Operation::Put { key, value } => {
                self.put(&key, &value);
                done()
            }
            Operation::Append { key, value } => {
                self.append(&key, &value);
                done()
            }
            other => unknown(&other),
        }
    }
}

impl Clerk for shardkv::ctrler::Clerk {
    fn operate(&mut self, operation: Operation) -> Answer {
        match operation {
            Operation::Join { groups } => {
                self.join(&groups);
                changed()
            }
            Operation::Leave { gids } => {
                self.leave(&gids);
                changed()
            }
            Operation::Move { shard, gid } => {
                self.move_shard(shard, gid);
                changed()
            }
            Operation::Query { number } => {
                let config = self.query(number);
                let shardkv::ctrler::Config { number, shards, groups } = config;
                Answer::Config(Config { number, shards, groups })
            }
            other => unknown(&other),
        }
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

fn unknown(operation: &Operation) -> ! {
    exit::broken(format!("a clerk of another kind is asked for {operation:?}"))
}
