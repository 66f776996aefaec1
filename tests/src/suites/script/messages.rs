//! Which messages a step of a script is about.

use labrpc::Leg;

use crate::harness::server_name;

/// A kind of messages between certain servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::suites) struct Messages {
    leg: Leg,
    /// Empty for all methods.
    methods: &'static [&'static str],
    from: Servers,
    to: Servers,
    /// The shortest of these messages has so many bytes.
    least: usize,
}

/// Messages with a command of [`Script::long_command`](super::Script::long_command) have at least this many bytes, and
/// heartbeats without commands have fewer.
const LONG: usize = 40;

/// Some servers, by number; no numbers stand for all servers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::suites) struct Servers(Vec<String>);

/// All requests.
pub(in crate::suites) fn requests() -> Messages {
    let (from, to) = (Servers::default(), Servers::default());
    Messages { leg: Leg::Request, methods: &[], from, to, least: 0 }
}

/// All replies.
pub(in crate::suites) fn replies() -> Messages {
    requests().replies()
}

/// The method by which a server only asks whether it would be elected, if a solution has one for it.
pub(super) const PRE_VOTE: &str = "Raft.PreVote";

/// The requests of RequestVote, and of PreVote where a solution has it.
pub(in crate::suites) fn votes() -> Messages {
    Messages { methods: &["Raft.RequestVote", PRE_VOTE], ..requests() }
}

/// The requests of AppendEntries.
pub(in crate::suites) fn appends() -> Messages {
    Messages { methods: &["Raft.AppendEntries"], ..requests() }
}

/// The requests of InstallSnapshot.
pub(in crate::suites) fn installs() -> Messages {
    Messages { methods: &["Raft.InstallSnapshot"], ..requests() }
}

/// The requests of TimeoutNow, with which a leader hands its office over.
pub(in crate::suites) fn hand_overs() -> Messages {
    Messages { methods: &["Raft.TimeoutNow"], ..requests() }
}

impl Messages {
    /// The replies to these requests; they go the other way.
    pub(in crate::suites) fn replies(self) -> Self {
        Messages { leg: Leg::Reply, from: self.to, to: self.from, ..self }
    }

    /// Those that one of `servers` sends.
    pub(in crate::suites) fn from(self, servers: impl Into<Servers>) -> Self {
        Messages { from: servers.into(), ..self }
    }

    /// Those that one of `servers` is to get.
    pub(in crate::suites) fn to(self, servers: impl Into<Servers>) -> Self {
        Messages { to: servers.into(), ..self }
    }

    /// Those that have long commands in them.
    pub(in crate::suites) fn with_commands(self) -> Self {
        Messages { least: LONG, ..self }
    }

    /// Whether a message of this length is one of these.
    pub(super) fn include(
        &self,
        leg: Leg,
        method: &str,
        [from, to]: [&str; 2],
        length: usize,
    ) -> bool {
        self.leg == leg
            && length >= self.least
            && (self.methods.is_empty() || self.methods.contains(&method))
            && self.from.include(from)
            && self.to.include(to)
    }
}

impl Servers {
    fn include(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|own| own == name)
    }
}

impl From<usize> for Servers {
    fn from(server: usize) -> Self {
        Servers(vec![server_name(server)])
    }
}

impl From<&[usize]> for Servers {
    fn from(servers: &[usize]) -> Self {
        Servers(servers.iter().map(|server| server_name(*server)).collect())
    }
}

impl<const COUNT: usize> From<[usize; COUNT]> for Servers {
    fn from(servers: [usize; COUNT]) -> Self {
        Servers::from(&servers[..])
    }
}
