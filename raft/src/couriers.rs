//! Threads for calls.

use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

/// How long a courier waits for its next errand before it ends.
const PATIENCE: Duration = Duration::from_secs(1);

type Errand = Box<dyn FnOnce() + Send>;

/// Runs errands, such as a call and what is to be done with its reply, each at once and on a thread of
/// its own. It does what `thread::spawn` does, but uses threads again that have come back.
pub struct Couriers {
    errands: Sender<Errand>,
    idle: Receiver<Errand>,
}

impl Couriers {
    /// Couriers without a thread yet.
    pub fn new() -> Self {
        let (errands, idle) = bounded(0);
        Couriers { errands, idle }
    }

    /// Hands an errand to an idle courier, or to a new one if all are under way.
    pub fn dispatch(&self, errand: impl FnOnce() + Send + 'static) {
        // On a channel without capacity only a waiting receiver lets this succeed.
        let Err(refused) = self.errands.try_send(Box::new(errand)) else {
            return;
        };
        let idle = self.idle.clone();
        thread::spawn(move || {
            let mut errand = refused.into_inner();
            loop {
                errand();
                match idle.recv_timeout(PATIENCE) {
                    Ok(next) => errand = next,
                    Err(_) => return,
                }
            }
        });
    }
}

impl Default for Couriers {
    fn default() -> Self {
        Couriers::new()
    }
}
