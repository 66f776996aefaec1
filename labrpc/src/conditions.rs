//! How reliable and how fast a link is.

use std::time::Duration;

use rand::Rng;
use rand::rngs::SmallRng;

/// A random delay, evenly distributed between two bounds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay {
    /// The shortest delay that can be drawn.
    pub least: Duration,
    /// The longest delay that can be drawn; at least `least`.
    pub most: Duration,
}

impl Delay {
    /// No delay at all.
    pub const NONE: Delay = Delay { least: Duration::ZERO, most: Duration::ZERO };

    /// A delay of `least` to `most` milliseconds.
    pub const fn millis(least: u64, most: u64) -> Self {
        Delay { least: Duration::from_millis(least), most: Duration::from_millis(most) }
    }

    pub(crate) fn draw(&self, rng: &mut SmallRng) -> Duration {
        if self.most.is_zero() {
            return Duration::ZERO;
        }
        rng.random_range(self.least..=self.most)
    }
}

/// What a link does to the messages on it.
///
/// Probabilities are between 0 and 1. The default is [`Conditions::reliable`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conditions {
    /// How long a request takes to arrive.
    pub request_delay: Delay,
    /// How long a reply takes to arrive.
    pub reply_delay: Delay,
    /// The share of requests that are lost. The call fails at once.
    pub request_loss: f64,
    /// The share of replies that are lost after the handler has run. The call fails at once.
    pub reply_loss: f64,
    /// The share of requests that arrive twice.
    pub duplication: f64,
    /// The share of replies that are delayed by 200 to 2,200 ms, so that later ones overtake them.
    pub reordering: f64,
    /// How long a call takes to fail when its end is closed, its server gone, or its link down.
    pub failure_delay: Delay,
}

impl Conditions {
    /// Every message arrives exactly once and without delay. A call on a dead link fails within 99 ms.
    pub const fn reliable() -> Self {
        Conditions {
            request_delay: Delay::NONE,
            reply_delay: Delay::NONE,
            request_loss: 0.0,
            reply_loss: 0.0,
            duplication: 0.0,
            reordering: 0.0,
            failure_delay: Delay::millis(0, 99),
        }
    }

    /// Requests take up to 26 ms. One request in ten and one reply in ten is lost.
    pub const fn unreliable() -> Self {
        Conditions {
            request_delay: Delay::millis(0, 26),
            request_loss: 0.1,
            reply_loss: 0.1,
            ..Conditions::reliable()
        }
    }

    /// The same, but a call on a dead link takes up to 7 s to fail.
    #[must_use]
    pub const fn with_long_delays(self) -> Self {
        Conditions { failure_delay: Delay::millis(0, 6_999), ..self }
    }

    /// The same, but two replies in three are delayed by 200 to 2,200 ms.
    #[must_use]
    pub const fn with_long_reordering(self) -> Self {
        Conditions { reordering: 2.0 / 3.0, ..self }
    }

    /// The same without anything that is left to chance.
    pub(crate) fn plain(self) -> Self {
        let fixed = |time| Delay { least: time, most: time };
        let Delay { least, most } = self.failure_delay;
        Conditions {
            request_delay: fixed(self.request_delay.least),
            reply_delay: fixed(self.reply_delay.least),
            request_loss: 0.0,
            reply_loss: 0.0,
            duplication: 0.0,
            reordering: 0.0,
            failure_delay: fixed((least + most) / 2),
        }
    }

    /// Draws how long a reply takes, including whether it is reordered.
    pub(crate) fn draw_reply_delay(&self, rng: &mut SmallRng) -> Duration {
        if !chance(self.reordering, rng) {
            return self.reply_delay.draw(rng);
        }
        // The bound is itself drawn, so that short delays are more frequent than long ones.
        let most = rng.random_range(0..2_000);
        Duration::from_millis(200 + rng.random_range(0..=most))
    }
}

impl Default for Conditions {
    fn default() -> Self {
        Conditions::reliable()
    }
}

/// True with this probability. Draws nothing if it is 0, so that a reliable link uses no randomness.
pub(crate) fn chance(probability: f64, rng: &mut SmallRng) -> bool {
    probability > 0.0 && rng.random_bool(probability.min(1.0))
}
