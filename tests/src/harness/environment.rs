//! What all clusters of a test share: the network, the journal, and the test's random choices.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use labrpc::{Conditions, Decision, Delay, Event, Leg, Network};
use parking_lot::Mutex;
use protocol::{Clock, Machine};
use rand::Rng;
use rand::rngs::StdRng;
use sim::{Draws, Naps};

use super::fates::Fates;
use super::journal::Journal;
use super::wire::Wire;
use super::{measured, recorded};
use crate::case::{Run, Summary, Work};

/// What the servers of a test run in, whichever cluster they belong to.
pub(crate) struct Environment {
    pub(crate) network: Network,
    pub(crate) journal: Arc<Journal>,
    pub(crate) wire: Arc<Mutex<Wire>>,
    started: Instant,
    run: Run,
    /// Whether threads of the nodes pause for long, in virtual time.
    naps: Option<Naps>,
    /// How fast the clocks of nodes run, by name; those that are not here are exact.
    machines: Mutex<BTreeMap<String, Machine>>,
    /// Counts the clerks, which may have equal names.
    clerks: AtomicU64,
    draws: Mutex<Draws<StdRng>>,
    /// The conditions that the test has asked for.
    conditions: Mutex<Conditions>,
}

impl Environment {
    /// A network under these conditions.
    pub(crate) fn new(conditions: Conditions, run: &Run) -> Arc<Self> {
        Environment::with_naps(conditions, None, run)
    }

    /// The same, and threads of the nodes pause for long, in virtual time.
    pub(crate) fn with_naps(conditions: Conditions, naps: Option<Naps>, run: &Run) -> Arc<Self> {
        let environment = Environment {
            network: Network::new(run.number("network")),
            journal: Arc::new(Journal::new()),
            wire: Arc::default(),
            started: Instant::now(),
            run: run.clone(),
            naps,
            machines: Mutex::default(),
            clerks: AtomicU64::new(0),
            draws: Mutex::new(Draws::new(run.chance_of_tester("test"))),
            conditions: Mutex::new(conditions),
        };
        let (journal, wire) = (environment.journal.clone(), environment.wire.clone());
        environment.network.listen(move |event| {
            trace(event);
            recorded::message(event);
            journal.message(event);
            wire.lock().note(event);
        });
        if sim::is_active() {
            let mut fates = Fates::new(run.clone());
            environment.network.set_fates(move |message| fates.of(message));
        }
        environment.set_conditions(conditions);
        Arc::new(environment)
    }

    /// The number of another clerk.
    pub(crate) fn count_clerk(&self) -> u64 {
        self.clerks.fetch_add(1, Ordering::Relaxed)
    }

    /// The clock of a node. What is left to chance in it depends on the test's seed, the node's name, and its life.
    pub(crate) fn clock_of(&self, node: &str, life: &str) -> Clock {
        if sim::is_active() {
            let chance = self.run.chance_of_node(node, &format!("{node}, {life}"));
            Clock::Virtual { chance, naps: self.naps }
        } else {
            Clock::Real
        }
    }

    /// What the machine of a node is like.
    pub(crate) fn machine_of(&self, node: &str) -> Machine {
        self.machines.lock().get(node).copied().unwrap_or_default()
    }

    /// From its next life on, a node runs on such a machine.
    pub(crate) fn set_machine(&self, node: &str, machine: Machine) {
        let Machine { clock_rate, save_time } = machine;
        self.journal.note(format!(
            "{} has a machine whose clocks run at {} ‰, and whose saves take {} ms on average",
            node.replace('-', " "),
            clock_rate.0,
            save_time.as_millis()
        ));
        self.machines.lock().insert(node.to_owned(), machine);
    }

    /// A whole number below `bound`, from the test's seed.
    pub(crate) fn draw(&self, bound: u64) -> u64 {
        self.draws.lock().now().rng().random_range(0..bound)
    }

    /// Any number, from the test's seed. No two are the same, for all practical purposes.
    pub(crate) fn draw_any(&self) -> u64 {
        self.draws.lock().now().rng().random()
    }

    /// Whether something happens that does so this many times in `of`, from the test's seed. A plain run does without.
    pub(crate) fn by_chance(&self, times: u64, of: u64) -> bool {
        let mut draws = self.draws.lock();
        let happens = draws.now().rng().random_range(0..of) < times;
        happens && !draws.is_plain()
    }

    /// Lets the network deliver every message at once, or lose and delay some.
    pub(crate) fn set_reliable(&self, reliable: bool) {
        let Conditions { failure_delay, .. } = *self.conditions.lock();
        let conditions = if reliable { Conditions::reliable() } else { Conditions::unreliable() };
        self.set_conditions(Conditions { failure_delay, ..conditions });
    }

    /// Delays most replies, so that later ones overtake them.
    pub(crate) fn set_long_reordering(&self) {
        let conditions = self.conditions.lock().with_long_reordering();
        self.set_conditions(conditions);
    }

    fn set_conditions(&self, conditions: Conditions) {
        *self.conditions.lock() = conditions;
        let conditions = if sim::is_active() { with_travel_time(conditions) } else { conditions };
        self.network.set_conditions(conditions);
    }

    /// Loses every reply to the clients with these names. Their requests arrive.
    pub(crate) fn lose_replies_to(&self, names: BTreeSet<String>) {
        let clients = Vec::from_iter(names.iter().map(|name| name.replace('-', " "))).join(", ");
        self.journal.note(format!("all replies to {clients} are lost from now on"));
        self.network.intercept(move |message| {
            let lost = message.leg == Leg::Reply && names.contains(message.to);
            Decision::drop_if(lost)
        });
    }

    /// Ends [`Environment::lose_replies_to`].
    pub(crate) fn stop_losing_replies(&self) {
        self.journal.note("replies arrive again".to_owned());
        self.network.stop_intercepting();
    }

    /// The time since the test began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// What the test has measured when it ends these `peers` servers, together with those that it has ended before; `work`
    /// is what it has had them do.
    pub(crate) fn summary(&self, peers: usize, work: Work) -> Summary {
        measured::add(peers, self.elapsed(), self.network.totals(), work)
    }
}

/// Makes what happens on the network part of what identifies a simulated run.
fn trace(event: &Event<'_>) {
    let Event { message, kind, .. } = event;
    let (id, leg) = (message.id, message.leg);
    sim::note(
        id.0,
        format_args!(
            "{} from {} to {}, {leg:?} {}: {kind:?}",
            message.method, message.from, message.to, id.0
        ),
    );
}

/// The same conditions, on a network on which messages take a while to arrive. On the clock, the delays
/// of threads have that effect; in virtual time, nothing takes time unless it says so.
fn with_travel_time(conditions: Conditions) -> Conditions {
    let longer = |delay: Delay| Delay {
        least: delay.least + Duration::from_micros(100),
        most: delay.most + Duration::from_micros(500),
    };
    Conditions {
        request_delay: longer(conditions.request_delay),
        reply_delay: longer(conditions.reply_delay),
        ..conditions
    }
}
