//! The log that the cluster has committed, and how far each server has applied it.

use raft::Index;

use crate::runner::{Class, Failure};

/// The commands of a service's state: what a snapshot of the tests' service holds, from index 1 on.
pub(crate) type Commands = Vec<Vec<u8>>;

/// Checks State Machine Safety (Figure 3): at each index all servers apply the same command, for
/// ever; and each server applies every index once, in order.
#[derive(Debug)]
pub(crate) struct Ledger {
    committed: Vec<Entry>,
    servers: Vec<Progress>,
}

#[derive(Debug)]
struct Entry {
    command: Vec<u8>,
    /// The server that was the first to apply it.
    first: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    incarnation: u64,
    last_applied: Index,
}

impl Ledger {
    pub(crate) fn new(servers: usize) -> Self {
        Ledger { committed: Vec::new(), servers: vec![Progress::default(); servers] }
    }

    /// A server starts again, with the state that a snapshot up to `last_applied` has given it.
    pub(crate) fn restart(&mut self, server: usize, incarnation: u64, last_applied: Index) {
        self.servers[server] = Progress { incarnation, last_applied };
    }

    /// A server crashes: what its threads still apply counts no more.
    pub(crate) fn crash(&mut self, server: usize) {
        self.servers[server].incarnation += 1;
    }

    /// A server applies a command. `Ok(false)` if that server has crashed meanwhile.
    pub(crate) fn apply(
        &mut self,
        server: usize,
        incarnation: u64,
        index: Index,
        command: Vec<u8>,
    ) -> Result<bool, Failure> {
        let progress = &mut self.servers[server];
        if progress.incarnation != incarnation {
            return Ok(false);
        }
        let next = progress.last_applied + 1;
        if index != next {
            let problem = if index < next { "again" } else { "too early" };
            return Err(Failure::new(
                Class::Invariant,
                format!(
                    "server {server} applies each index once and in order: index {next} comes next"
                ),
                format!("it applies index {index} {problem}: {}", show_command(&command)),
            ));
        }
        progress.last_applied = index;
        match self.committed.get(index as usize - 1) {
            None => self.committed.push(Entry { command, first: server }),
            Some(entry) if entry.command == command => {}
            Some(entry) => {
                return Err(Failure::new(
                    Class::Invariant,
                    format!(
                        "all servers apply the same command at index {index}: server {} has applied {}",
                        entry.first,
                        show_command(&entry.command)
                    ),
                    format!("server {server} applies {} there", show_command(&command)),
                ));
            }
        }
        Ok(true)
    }

    /// A server takes over a snapshot. `Ok(false)` if that server has crashed meanwhile.
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
            return Err(Failure::new(
                Class::Invariant,
                format!(
                    "a snapshot takes server {server} forward: it has applied index {}",
                    progress.last_applied
                ),
                format!("it is handed a snapshot up to index {index}"),
            ));
        }
        let same = commands.len() as Index == index
            && self.committed.iter().map(|entry| &entry.command).zip(commands).all(|(a, b)| a == b);
        if !same {
            return Err(Failure::new(
                Class::Invariant,
                format!(
                    "the snapshot that server {server} gets for index {index} holds what was committed up to there"
                ),
                format!("it holds {} commands, which are others", commands.len()),
            ));
        }
        progress.last_applied = index;
        Ok(true)
    }

    /// What a service that has applied everything up to `index` has in its state.
    pub(crate) fn state_at(&self, index: Index) -> Commands {
        self.committed[..index as usize].iter().map(|entry| entry.command.clone()).collect()
    }

    /// The command at an index, if any server has applied it.
    pub(crate) fn command(&self, index: Index) -> Option<&[u8]> {
        let offset = usize::try_from(index).ok()?.checked_sub(1)?;
        self.committed.get(offset).map(|entry| entry.command.as_slice())
    }

    /// How many servers have applied `index`.
    pub(crate) fn applied_by(&self, index: Index) -> usize {
        self.servers.iter().filter(|server| server.last_applied >= index).count()
    }

    pub(crate) fn last_applied(&self, server: usize) -> Index {
        self.servers[server].last_applied
    }

    /// The highest index that any server has applied.
    pub(crate) fn last_committed(&self) -> Index {
        self.committed.len() as Index
    }
}

/// A command in a few characters.
pub fn show_command(command: &[u8]) -> String {
    let text = String::from_utf8_lossy(command);
    if text.chars().count() <= 20 {
        return format!("\"{text}\"");
    }
    let start: String = text.chars().take(16).collect();
    format!("\"{start}…\" ({} bytes)", command.len())
}
