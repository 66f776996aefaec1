//! What all servers of a test stand on, whatever clusters they belong to.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use labrpc::{Conditions, Decision, Delay, Event, Leg, Network};
use parking_lot::Mutex;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::journal::Journal;
use crate::case::{Run, Summary, Work};

/// The network, the journal, and the test's own choices.
pub(crate) struct Ground {
    pub(crate) network: Network,
    pub(crate) journal: Arc<Journal>,
    started: Instant,
    rng: Mutex<SmallRng>,
    conditions: Mutex<Conditions>,
}

impl Ground {
    /// A network under these conditions.
    pub(crate) fn new(conditions: Conditions, run: &Run) -> Arc<Self> {
        let ground = Ground {
            network: Network::new(run.seed),
            journal: Arc::new(Journal::new()),
            started: Instant::now(),
            // The network draws from the same seed; the tests' own draws must not follow it.
            rng: Mutex::new(SmallRng::seed_from_u64(run.seed.rotate_left(32) ^ 0x7e57)),
            conditions: Mutex::new(conditions),
        };
        let journal = ground.journal.clone();
        ground.network.listen(move |event| {
            trace(event);
            journal.message(event);
        });
        ground.set_conditions(conditions);
        Arc::new(ground)
    }

    /// A whole number below `bound`, from the test's seed.
    pub(crate) fn draw(&self, bound: u64) -> u64 {
        self.rng.lock().random_range(0..bound)
    }

    /// A number that no other draw gives.
    pub(crate) fn draw_any(&self) -> u64 {
        self.rng.lock().random()
    }

    pub(crate) fn set_reliable(&self, reliable: bool) {
        let Conditions { failure_delay, .. } = *self.conditions.lock();
        let conditions = if reliable { Conditions::reliable() } else { Conditions::unreliable() };
        self.set_conditions(Conditions { failure_delay, ..conditions });
    }

    pub(crate) fn set_long_reordering(&self) {
        let conditions = self.conditions.lock().with_long_reordering();
        self.set_conditions(conditions);
    }

    fn set_conditions(&self, conditions: Conditions) {
        *self.conditions.lock() = conditions;
        let conditions = if sim::is_active() { on_a_wire(conditions) } else { conditions };
        self.network.set_conditions(conditions);
    }

    /// Loses every reply to those of these names. The requests arrive.
    pub(crate) fn lose_replies_to(&self, names: BTreeSet<String>) {
        self.journal.note(format!("all replies to {names:?} are lost from now on"));
        self.network.intercept(move |message| {
            let lost = message.leg == Leg::Reply && names.contains(message.to);
            if lost { Decision::Drop } else { Decision::Pass }
        });
    }

    /// Loses no more replies than the network does by itself.
    pub(crate) fn lose_no_replies(&self) {
        self.journal.note("replies arrive again".to_owned());
        self.network.stop_intercepting();
    }

    /// The time since the test began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// What a test with so many servers has measured by now, besides what was done.
    pub(crate) fn summary(&self, peers: usize, work: Work) -> Summary {
        let totals = self.network.totals();
        Summary {
            seconds: self.elapsed().as_secs_f64(),
            peers,
            rpcs: totals.requests,
            bytes: totals.bytes,
            work,
        }
    }
}

/// Makes what happens on the network part of what identifies a simulated run.
fn trace(event: &Event<'_>) {
    let Event { message, kind, .. } = event;
    let (id, leg) = (message.id, message.leg);
    let text = format_args!(
        "{} from {} to {}, {leg:?} {}: {kind:?}",
        message.method, message.from, message.to, id.0
    );
    sim::note(id.0, text);
}

/// The same conditions on a network where messages travel for a while. In real time the threads'
/// own delays take this place; in virtual time nothing takes time by itself.
fn on_a_wire(conditions: Conditions) -> Conditions {
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
