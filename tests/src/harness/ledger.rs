//! The log that the cluster has committed, and how far each server has applied it.

use std::time::{Duration, Instant};

use protocol::Index;

use super::disk::HalfCut;
use crate::runner::{Class, Failure};

/// All commands from index 1 on: the state of the tests' service, and what its snapshots hold.
pub(crate) type Commands = Vec<Vec<u8>>;

/// What all commands of a test may take, in bytes.
const MAX_SIZE: usize = 64 << 20;

/// What a command takes at least, in bytes.
const LEAST_SIZE: usize = 64;

/// Checks that all servers apply the same command at each index (State Machine Safety, Figure 3), and that
/// each server applies every index once, in order.
#[derive(Debug)]
pub(crate) struct Ledger {
    committed: Vec<Entry>,
    /// When the last of them was applied for the first time.
    newest_at: Instant,
    /// What the commands take, in bytes; each counts for at least [`LEAST_SIZE`].
    size: usize,
    servers: Vec<Progress>,
}

/// A command that a server has applied as the first of all.
#[derive(Debug)]
pub(crate) struct Committed {
    pub(crate) index: Index,
    pub(crate) command: Vec<u8>,
}

/// What has come of a command that a server applies.
pub(crate) enum Step {
    /// Nothing: that server has crashed meanwhile.
    Ignored,
    /// Another server has applied it before.
    Known,
    /// It is the first to do so.
    First(Committed),
    /// Another command was applied there before.
    Conflict(Conflict),
}

/// A server applies another command than the one that was applied first.
#[derive(Debug)]
pub(crate) struct Conflict {
    pub(crate) index: Index,
    pub(crate) server: usize,
    pub(crate) command: Vec<u8>,
    /// The server that was the first to apply a command there, the command, and when.
    pub(crate) first: usize,
    pub(crate) known: Vec<u8>,
    pub(crate) at: Instant,
    /// The snapshot that `server` has taken over in its present life.
    pub(crate) jump: Option<Jump>,
}

#[derive(Debug)]
struct Entry {
    command: Vec<u8>,
    /// The server that was the first to apply it, and when.
    first: usize,
    at: Instant,
}

#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    incarnation: u64,
    last_applied: Index,
    /// The snapshot that it has taken over last in this life.
    jump: Option<Jump>,
}

/// A server's service has taken its state from a snapshot up to an index, or has begun anew.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Jump {
    Restored {
        index: Index,
        /// How far the snapshot reached that the service had got before, if that was further.
        lost: Option<Index>,
        /// The last save before the restart, if it changed one of snapshot and Raft's state alone.
        cut: Option<HalfCut>,
    },
    Installed(Index),
}

impl Jump {
    /// What the server has done.
    pub(crate) fn describe(self) -> String {
        match self {
            Jump::Restored { index, lost, .. } => {
                let found = match index {
                    0 => "without a snapshot".to_owned(),
                    index => format!("with its snapshot up to index {index}"),
                };
                let lost = lost.map(|lost| {
                    format!(", although its service had got one up to index {lost} before")
                });
                format!("restarted {found}{}", lost.unwrap_or_default())
            }
            Jump::Installed(index) => format!("has installed a snapshot up to index {index}"),
        }
    }

    fn index(self) -> Index {
        match self {
            Jump::Restored { index, .. } | Jump::Installed(index) => index,
        }
    }
}

impl Ledger {
    /// For a cluster of this size.
    pub(crate) fn new(servers: usize) -> Self {
        Ledger {
            committed: Vec::new(),
            newest_at: Instant::now(),
            size: 0,
            servers: vec![Progress::default(); servers],
        }
    }

    /// A server restarts, with its state from a snapshot up to `last_applied`. `cut` is its last save, if that changed
    /// one of snapshot and Raft's state alone.
    pub(crate) fn restart(
        &mut self,
        server: usize,
        incarnation: u64,
        last_applied: Index,
        cut: Option<HalfCut>,
    ) {
        let lost = match self.servers[server].jump {
            Some(Jump::Installed(index)) if index > last_applied => Some(index),
            _ => None,
        };
        let jump = (incarnation > 1).then_some(Jump::Restored { index: last_applied, lost, cut });
        self.servers[server] = Progress { incarnation, last_applied, jump };
    }

    /// A server crashes: what its threads still apply no longer counts.
    pub(crate) fn crash(&mut self, server: usize) {
        self.servers[server].incarnation += 1;
    }

    /// A server applies a command.
    pub(crate) fn apply(
        &mut self,
        server: usize,
        incarnation: u64,
        index: Index,
        command: Vec<u8>,
    ) -> Result<Step, Failure> {
        let progress = &mut self.servers[server];
        if progress.incarnation != incarnation {
            return Ok(Step::Ignored);
        }
        let next = progress.last_applied + 1;
        if index != next {
            return Err(out_of_order(server, *progress, index, &command));
        }
        progress.last_applied = index;
        let jump = progress.jump;
        match self.committed.get(index as usize - 1) {
            None => {
                self.size += command.len().max(LEAST_SIZE);
                if self.size > MAX_SIZE {
                    return Err(too_much(server));
                }
                self.newest_at = Instant::now();
                let (first, at) = (server, self.newest_at);
                self.committed.push(Entry { command: command.clone(), first, at });
                Ok(Step::First(Committed { index, command }))
            }
            Some(entry) if entry.command == command => Ok(Step::Known),
            Some(entry) => Ok(Step::Conflict(Conflict {
                index,
                server,
                command,
                first: entry.first,
                known: entry.command.clone(),
                at: entry.at,
                jump,
            })),
        }
    }

    /// A server installs a snapshot. `Ok(false)` if that server has crashed meanwhile.
    pub(crate) fn install(
        &mut self,
        server: usize,
        incarnation: u64,
        index: Index,
        commands: &Commands,
    ) -> Result<bool, Failure> {
        let progress = &mut self.servers[server];
        if progress.incarnation != incarnation {
            return Ok(false);
        }
        if index <= progress.last_applied {
            let jump = progress.jump.filter(|jump| jump.index() == progress.last_applied);
            let found = match jump {
                Some(jump) => jump.describe(),
                None => format!("has applied index {}", progress.last_applied),
            };
            return Err(Failure::new(
                Class::Invariant,
                format!(
                    "server {server} {found}: Raft hands its service only snapshots that reach further"
                ),
                format!("it hands over a snapshot up to index {index}"),
            ));
        }
        if let Some(seen) = snapshot_problem(index, commands, &self.committed) {
            return Err(Failure::new(
                Class::Invariant,
                format!(
                    "the snapshot given to server {server} holds the commands up to index {index}"
                ),
                seen,
            ));
        }
        progress.last_applied = index;
        progress.jump = Some(Jump::Installed(index));
        Ok(true)
    }

    /// The command at an index, if any server has applied it.
    pub(crate) fn command(&self, index: Index) -> Option<&[u8]> {
        let offset = usize::try_from(index).ok()?.checked_sub(1)?;
        self.committed.get(offset).map(|entry| entry.command.as_slice())
    }

    /// Another index than this one at which a command was applied, if there is one.
    pub(crate) fn other_place(&self, command: &[u8], index: Index) -> Option<Index> {
        let is_it = |(at, entry): &(Index, &Entry)| *at != index && entry.command == command;
        (1..).zip(&self.committed).find(is_it).map(|(at, _)| at)
    }

    /// How many servers have applied `index`.
    pub(crate) fn applied_by(&self, index: Index) -> usize {
        self.servers.iter().filter(|server| server.last_applied >= index).count()
    }

    /// The index that a server applied last; 0 before it has applied any.
    pub(crate) fn last_applied(&self, server: usize) -> Index {
        self.servers[server].last_applied
    }

    /// How far a server has applied the log in its present life, in words.
    pub(crate) fn describe(&self, server: usize) -> String {
        let Progress { last_applied, jump, .. } = self.servers[server];
        let jump = jump.map(|jump| format!("; it {}", jump.describe())).unwrap_or_default();
        match last_applied {
            0 => format!("server {server} has applied nothing{jump}"),
            last => format!("server {server} has applied up to index {last}{jump}"),
        }
    }

    /// How long ago a new index was applied, or the test began.
    pub(crate) fn idle_for(&self) -> Duration {
        self.newest_at.elapsed()
    }

    /// The highest index that any server has applied.
    pub(crate) fn last_committed(&self) -> Index {
        self.committed.len() as Index
    }
}

/// A server applies an index that is not its next one.
fn out_of_order(server: usize, progress: Progress, index: Index, command: &[u8]) -> Failure {
    let next = progress.last_applied + 1;
    let problem = if index < next { "again" } else { "too early" };
    let jump = progress.jump.filter(|jump| jump.index() == progress.last_applied);
    let reason = jump.map(|jump| format!(", for it {}", jump.describe())).unwrap_or_default();
    let cut = match jump {
        Some(Jump::Restored { cut: Some(cut), .. }) => {
            format!("; its last save before the restart {}", cut.describe())
        }
        _ => String::new(),
    };
    Failure::new(
        Class::Invariant,
        format!("server {server} applies each index once, in order: index {next} is next{reason}"),
        format!("it applies index {index} {problem}: {}{cut}", show_command(command)),
    )
}

/// A server applies more than any test proposes.
fn too_much(server: usize) -> Failure {
    Failure::new(
        Class::Resource,
        format!("the commands that are applied in a test take at most {} MiB", MAX_SIZE >> 20),
        format!("server {server} applies more"),
    )
}

/// What is wrong with a snapshot up to `index`, if anything.
fn snapshot_problem(index: Index, commands: &Commands, committed: &[Entry]) -> Option<String> {
    if commands.len() as Index != index {
        return Some(format!("it holds {} commands", commands.len()));
    }
    let mut pairs = (1..).zip(commands.iter().zip(committed));
    let (at, (command, entry)) = pairs.find(|(_, (command, entry))| **command != entry.command)?;
    Some(format!(
        "it holds {} at index {at}, where server {} has applied {}",
        show_command(command),
        entry.first,
        show_command(&entry.command)
    ))
}

/// A command in a few characters, in quotation marks.
pub fn show_command(command: &[u8]) -> String {
    let text = String::from_utf8_lossy(command);
    if text.chars().count() <= 20 {
        return format!("\"{text}\"");
    }
    let start: String = text.chars().take(16).collect();
    format!("\"{start}…\" ({} bytes)", command.len())
}
