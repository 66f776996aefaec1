//! How good or bad a link is.

use std::time::Duration;

use rand::Rng;
use rand::rngs::SmallRng;

/// A delay drawn evenly between two bounds, both included.
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
    /// How long a request travels.
    pub request_delay: Delay,
    /// How long a reply travels.
    pub reply_delay: Delay,
    /// The share of requests that never arrive. The caller learns of it at once.
    pub request_loss: f64,
    /// The share of replies that never arrive although the handler has run.
    pub reply_loss: f64,
    /// The share of requests that arrive twice.
    pub duplication: f64,
    /// The share of replies that are held back for 200 to 2,200 ms, so that later ones overtake them.
    pub reordering: f64,
    /// How long a call takes to fail when nothing can be reached: end closed, server gone, link down.
    pub failure_delay: Delay,
}

impl Conditions {
    /// Every message arrives once and at once; a call on a dead link fails within 99 ms.
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

    /// Requests take up to 26 ms; one request in ten and one reply in ten is lost.
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

    /// The same, but two replies in three are held back for 200 to 2,200 ms.
    #[must_use]
    pub const fn with_long_reordering(self) -> Self {
        Conditions { reordering: 2.0 / 3.0, ..self }
    }

    /// How long the reply at hand is on its way, being held back or not.
    pub(crate) fn draw_reply_delay(&self, rng: &mut SmallRng) -> Duration {
        if !chance(self.reordering, rng) {
            return self.reply_delay.draw(rng);
        }
        // A draw within a draw: most replies are held back briefly, a few for very long.
        let most = rng.random_range(0..2_000);
        Duration::from_millis(200 + rng.random_range(0..=most))
    }
}

impl Default for Conditions {
    fn default() -> Self {
        Conditions::reliable()
    }
}

/// Draws only if the outcome is open, so that a reliable link uses no randomness.
pub(crate) fn chance(probability: f64, rng: &mut SmallRng) -> bool {
    probability > 0.0 && rng.random_bool(probability.min(1.0))
}
