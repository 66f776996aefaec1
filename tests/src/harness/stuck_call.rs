//! What is known of a call to a sharded store that does not return.

use std::sync::Arc;
use std::time::Duration;

use memchr::memmem::Finder;
use parking_lot::Mutex;
use protocol::{Config, Gid};

use super::clerk::CtrlerClerk;
use super::client::client_name;
use super::elections::Leadership;
use super::exchanges::{Exchange, Exchanges};
use super::halts::Halt;
use super::history::{LastAnswer, OpenCall};
use super::servers::Servers;
use super::shard_owner::{Gains, ShardOwner, unknown_owner};
use super::shard_service::{FIRST_GID, SERVERS, ShardService, group_of_server};
use super::wire::Wire;

/// What the servers of the controller are called together.
const CONTROLLER: &str = "the controller";

/// How long before a call a server may have restarted so that it may matter.
const RESTARTED_BEFORE: Duration = Duration::from_secs(5);

/// What an explanation rests on.
pub(crate) struct StuckCalls {
    /// Asks the controller.
    pub(crate) clerk: Arc<Mutex<CtrlerClerk>>,
    pub(crate) wire: Arc<Mutex<Wire>>,
    /// The servers of each group.
    pub(crate) groups: Vec<Arc<Servers<ShardService>>>,
}

impl StuckCalls {
    /// Which group has the shard of a call, which had it before, unless the group has answered for it since, and which
    /// other shards it gets; which group is the first to wait for another one; whether these groups are there, who leads
    /// the first one, which configurations they have been told, and what the groups that wait and the call's client have
    /// sent since there was only what `before` has.
    pub(crate) fn explain(
        &self,
        call: &OpenCall,
        last: Option<&LastAnswer>,
        before: &Exchanges,
    ) -> String {
        let (exchanges, earlier) = {
            let wire = self.wire.lock();
            let earlier = before.since(&Exchanges::default(), party);
            (wire.exchanges().since(before, party), earlier)
        };
        let Some(owner) = ShardOwner::ask(&self.clerk, &call.key) else {
            return format!(": {}", unknown_owner(&call.key));
        };
        let configs: Vec<Config> = owner.configs.iter().chain(&owner.older).cloned().collect();
        let newest = |gid| self.told(gid, &configs).into_iter().max();
        let halt = Halt::first(owner.gid, &configs, newest).filter(|halt| halt.gid != owner.gid);
        let gains = owner.other_gains();
        let answerer = last.and_then(|last| group_of_server(&last.server));
        let has_answered = answerer.is_some_and(|group| FIRST_GID + group as Gid == owner.gid);
        // It may have answered before the shard left it and came back.
        let answers = has_answered && !owner.has_returned();
        let owner = if answers { owner.without_former() } else { owner };
        let gids = concerned(&owner, gains.as_ref());
        let gains = gains.map_or_else(String::new, |gains| format!("; {gains}"));
        let groups = || gids.iter().filter_map(|gid| Some((*gid, self.group(*gid)?.present())));
        let present =
            groups().map(|(gid, present)| format!("{present} of {SERVERS} servers of group {gid}"));
        let present = list(present, "up and connected");
        let restarted =
            gids.iter().filter_map(|gid| self.restarted(*gid, call.since + RESTARTED_BEFORE));
        let restarted = list(restarted, "restarted since shortly before the call");
        let leader = self.leader(owner.gid).unwrap_or_default();
        let told = groups().filter(|(_, present)| *present > 0);
        let told = told.filter_map(|(gid, _)| self.show_told(gid, &owner.configs));
        let told = list(told, "configurations of these that the controller has told");
        let parties = Parties {
            client: name_of_client(call.client),
            group: name_of(owner.gid),
            first: name_of(halt.as_ref().map_or(owner.gid, |halt| halt.gid)),
        };
        let halt = halt.map_or_else(String::new, |halt| format!("; {halt}"));
        let sent = sent(&exchanges, &earlier, &parties);
        format!(
            ": {owner}{halt}{gains}{present}{restarted}{leader}{told}; sent in the last 10 s: {sent}"
        )
    }

    /// How many servers of a group have restarted in the last `time`, if any have.
    fn restarted(&self, gid: Gid, time: Duration) -> Option<String> {
        let group = self.group(gid)?;
        let wire = self.wire.lock();
        let restarts = (0..group.slots.len()).filter_map(|server| {
            wire.restarted(&group.name(server)).map(|at| at.elapsed()).filter(|ago| *ago <= time)
        });
        show_restarts(gid, &Vec::from_iter(restarts))
    }

    /// Who leads a group; `None` if there is no such group, or no server of it is up and connected.
    fn leader(&self, gid: Gid) -> Option<String> {
        let group = self.group(gid).filter(|group| group.present() > 0)?;
        let leader = group.leader();
        let repeats = leader
            .as_ref()
            .is_some_and(|(number, leadership)| group.repeats_itself(*number, leadership.since));
        let mut shown = show_leader(gid, leader);
        if repeats {
            shown.push_str(
                ", and all that it has sent the others since then is the same message: is there an entry of its own term in \
                 its log (section 5.4.2)?",
            );
        }
        Some(shown)
    }

    fn group(&self, gid: Gid) -> Option<&Servers<ShardService>> {
        self.groups.iter().map(Arc::as_ref).find(|group| group.service.gid == gid)
    }

    /// Which of these configurations were in what the controller has told a group.
    fn told(&self, gid: Gid, configs: &[Config]) -> Vec<u64> {
        let Some(group) = gid.checked_sub(FIRST_GID) else {
            return Vec::new();
        };
        let wire = self.wire.lock();
        let was_told = |config: &&Config| {
            let config = Finder::new(&labgob::encode_silently(*config)).into_owned();
            wire.configs_told(group as usize).any(|reply| config.find(reply).is_some())
        };
        let with_groups = configs.iter().rev().filter(|config| !config.groups.is_empty());
        with_groups.filter(was_told).map(|config| config.number).collect()
    }

    /// The same in words, or that others were told what this group was not.
    fn show_told(&self, gid: Gid, configs: &[Config]) -> Option<String> {
        let all = (FIRST_GID..).take(self.groups.len()).flat_map(|gid| self.told(gid, configs));
        show_told(gid, &self.told(gid, configs), &Vec::from_iter(all))
    }
}

/// How many servers of a group have restarted, if any have, and how long ago the last one has.
fn show_restarts(gid: Gid, restarts: &[Duration]) -> Option<String> {
    let last = restarts.iter().min()?.as_secs_f64();
    let count = restarts.len();
    Some(format!("{count} of {SERVERS} servers of group {gid}, {last:.1} s ago"))
}

/// Whether a group has a leader, which one by its number, for how long, and whether it has led before.
fn show_leader(gid: Gid, leader: Option<(usize, Leadership)>) -> String {
    match leader {
        Some((number, leadership)) => {
            format!("; server {number} has led group {gid} {}", leadership.describe())
        }
        None => format!("; no connected server leads group {gid}"),
    }
}

/// Which configurations a group has been told, or that it was not told the newest that any group has been told.
fn show_told(gid: Gid, group: &[u64], all: &[u64]) -> Option<String> {
    if !group.is_empty() {
        return Some(format!("{group:?} to group {gid}"));
    }
    // If no group's replies have one of them, it is not known what they look like there.
    let newest = all.iter().max()?;
    Some(format!("{newest} to others and not to group {gid}"))
}

/// The group that has a shard, and those that it has got shards from.
fn concerned(owner: &ShardOwner, gains: Option<&Gains>) -> Vec<Gid> {
    let mut gids = vec![owner.gid];
    for gid in owner.before().into_iter().chain(gains.into_iter().flat_map(Gains::givers)) {
        if !gids.contains(&gid) {
            gids.push(gid);
        }
    }
    gids
}

/// The parts with what they are about; empty if there are none.
fn list(parts: impl Iterator<Item = String>, what: &str) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { String::new() } else { format!("; {what}: {}", parts.join(", ")) }
}

/// Whose messages a stuck call is about.
struct Parties {
    client: String,
    /// The group that the client needs.
    group: String,
    /// The group that is the first to wait for others; perhaps the same one.
    first: String,
}

/// What the parties and other groups have sent each other. If the first group and the others have sent each other nothing,
/// also what they sent each other earlier.
fn sent(exchanges: &[Exchange], earlier: &[Exchange], parties: &Parties) -> String {
    let Parties { client, group, first } = parties;
    let is_between = |exchange: &&Exchange| {
        let Exchange { from, to, .. } = exchange;
        (from == first && is_group(to)) || (to == first && is_group(from))
    };
    let is_about = |exchange: &&Exchange| {
        let Exchange { from, to, .. } = exchange;
        from == client || from == group || (to == group && is_group(from)) || is_between(exchange)
    };
    let lines: Vec<String> = exchanges.iter().filter(is_about).map(show).collect();
    let none = match exchanges.iter().any(|exchange| is_between(&exchange)) {
        true => String::new(),
        false => {
            let before: Vec<&Exchange> = earlier.iter().filter(is_between).collect();
            let lines: Vec<String> = before.iter().map(|exchange| show(exchange)).collect();
            let question = match before.iter().any(|exchange| exchange.answered() > 0) {
                true => ": does an answer say that shards were taken, and are they there?",
                false => "",
            };
            let earlier = match lines.as_slice() {
                [] => ", and did not before".to_owned(),
                lines => format!("; before that, {}{question}", lines.join("; ")),
            };
            format!("; {first} and the other groups have sent each other nothing{earlier}")
        }
    };
    let lines = if lines.is_empty() { "nothing".to_owned() } else { lines.join("; ") };
    format!("{lines}{none}")
}

fn show(exchange: &Exchange) -> String {
    let Exchange { from, to, .. } = exchange;
    let only = exchange.only_recipient().filter(|_| is_group(to));
    let only = only.map(|server| format!(", all to {}", server.replace('-', " ")));
    format!("{from} to {to}: {}{}", exchange.requests(), only.unwrap_or_default())
}

/// What a server or client is called here: servers of one group have one name. The test's own clerk has none.
fn party(name: &str) -> Option<String> {
    if let Some(group) = group_of_server(name) {
        return Some(name_of(FIRST_GID + group as Gid));
    }
    if name.starts_with("client-") {
        return Some(name.replace('-', " "));
    }
    name.starts_with("server-").then(|| CONTROLLER.to_owned())
}

fn name_of(gid: Gid) -> String {
    format!("group {gid}")
}

fn name_of_client(client: usize) -> String {
    client_name(client).replace('-', " ")
}

fn is_group(name: &str) -> bool {
    name.starts_with("group")
}

#[cfg(test)]
mod tests {
    use labrpc::{Event, EventKind, Leg, Message, MessageId};

    use super::*;

    /// Requests that were sent and have arrived.
    fn exchanges(requests: &[(&str, &str, &str)]) -> Vec<Exchange> {
        let mut exchanges = Exchanges::default();
        for (from, to, method) in requests {
            let (id, bytes) = (MessageId(0), &[][..]);
            let message = Message { id, call: id, leg: Leg::Request, from, to, method, bytes };
            for kind in [EventKind::Sent, EventKind::Delivered] {
                exchanges.note(&Event { at: std::time::Instant::now(), message, kind });
            }
        }
        exchanges.since(&Exchanges::default(), party)
    }

    /// Client 3 needs group 101, and this group is the first to wait.
    fn parties(first: &str) -> Parties {
        Parties {
            client: "client 3".to_owned(),
            group: "group 101".to_owned(),
            first: format!("group {first}"),
        }
    }

    #[test]
    fn what_concerns_the_first_to_wait_is_told() {
        let exchanges = exchanges(&[
            ("server-1000", "server-1020", "Take"),
            ("server-1000", "server-1010", "Take"),
        ]);
        assert_eq!(
            sent(&exchanges, &[], &parties("102")),
            "group 100 to group 101: 1 Take (0 answered); group 100 to group 102: 1 Take (0 answered)"
        );
    }

    #[test]
    fn what_concerns_the_call_is_told_and_nothing_else() {
        let exchanges = exchanges(&[
            ("client-3", "server-1010", "Operate"),
            ("client-3", "server-1", "Operate"),
            ("client-4", "server-1010", "Operate"),
            ("server-1010", "server-1011", "Raft.AppendEntries"),
            ("server-1000", "server-1011", "Take"),
            ("server-1012", "server-1001", "Done"),
        ]);
        assert_eq!(
            sent(&exchanges, &[], &parties("101")),
            "client 3 to group 101: 1 Operate (0 answered); client 3 to the controller: 1 Operate (0 answered); group \
             100 to group 101: 1 Take (0 answered); group 101 to group 100: 1 Done (0 answered)"
        );
    }

    #[test]
    fn groups_that_say_nothing_to_each_other_any_more_are_told() {
        let now = exchanges(&[("client-4", "server-1010", "Operate")]);
        assert_eq!(
            sent(&now, &[], &parties("101")),
            "nothing; group 101 and the other groups have sent each other nothing, and did not before"
        );
        let earlier = exchanges(&[("server-1000", "server-1010", "Take"); 2]);
        assert_eq!(
            sent(&now, &earlier, &parties("101")),
            "nothing; group 101 and the other groups have sent each other nothing; before that, group 100 to group \
             101: 2 Take (0 answered), all to server 1010"
        );
    }

    #[test]
    fn restarts_are_told_with_the_time_of_the_last() {
        let restarts = [Duration::from_millis(4_200), Duration::from_millis(310)];
        let told = show_restarts(101, &restarts);
        assert_eq!(told.as_deref(), Some("2 of 3 servers of group 101, 0.3 s ago"));
        assert_eq!(show_restarts(101, &[]), None);
    }

    #[test]
    fn leaders_are_told_with_the_term_that_they_led_before() {
        assert_eq!(show_leader(101, None), "; no connected server leads group 101");
        let (server, since) = (1, std::time::Instant::now());
        let first = Leadership { server, term: 4, since, earlier: None };
        assert_eq!(
            show_leader(101, Some((1011, first))),
            "; server 1011 has led group 101 for 0.0 s, in term 4"
        );
        let again = Leadership { earlier: Some(1), ..first };
        assert_eq!(
            show_leader(101, Some((1011, again))),
            "; server 1011 has led group 101 for 0.0 s, in term 4, as before in term 1"
        );
    }

    #[test]
    fn a_group_that_was_not_told_what_others_were_is_named() {
        assert_eq!(show_told(101, &[4, 5], &[4, 5, 6]).as_deref(), Some("[4, 5] to group 101"));
        let told = show_told(101, &[], &[5, 6, 4]);
        assert_eq!(told.as_deref(), Some("6 to others and not to group 101"));
        assert_eq!(show_told(101, &[], &[]), None);
    }

    #[test]
    fn each_part_says_what_it_is_about() {
        let parts = ["3 of 3 servers of group 100", "0 of 3 servers of group 101"];
        assert_eq!(
            list(parts.iter().map(|part| (*part).to_owned()), "up and connected"),
            "; up and connected: 3 of 3 servers of group 100, 0 of 3 servers of group 101"
        );
        assert_eq!(list(std::iter::empty(), "up and connected"), "");
    }
}
