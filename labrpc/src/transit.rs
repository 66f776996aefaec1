//! The lock of a network, its timer, and what happens outside of the lock.

use std::ops::Deref;
use std::sync::{Arc, Once};
use std::thread;
use std::time::Instant;

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::effect::Effect;
use crate::message::EndId;
use crate::pending::Done;
use crate::responder::{Request, Responder};
use crate::traffic::Traffic;

/// What carries the messages of a network.
///
/// Whatever a message causes outside of the network happens on the thread that brought it, after that
/// thread has left the lock. So a message without delay passes through no thread of the network.
pub(crate) struct Transit {
    traffic: Mutex<Traffic>,
    /// Wakes the timer when its schedule begins earlier than before, and when the network is closed.
    rescheduled: Condvar,
    timer: Once,
}

/// Keeps a network running: it shuts down when the last reference to this is dropped.
pub(crate) struct Running(Arc<Transit>);

impl Running {
    /// Sets up a network.
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        let traffic = Mutex::new(Traffic::new(seed));
        let transit = Transit { traffic, rescheduled: Condvar::new(), timer: Once::new() };
        Arc::new(Running(Arc::new(transit)))
    }
}

impl Deref for Running {
    type Target = Arc<Transit>;

    fn deref(&self) -> &Arc<Transit> {
        &self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.shutdown();
    }
}

impl Transit {
    /// What the network knows, to read it.
    pub(crate) fn traffic(&self) -> MutexGuard<'_, Traffic> {
        self.traffic.lock()
    }

    /// Changes the network, and then does what that causes outside of it.
    pub(crate) fn update<R>(self: &Arc<Self>, change: impl FnOnce(&mut Traffic) -> R) -> R {
        let mut traffic = self.traffic.lock();
        let result = change(&mut traffic);
        let effects = std::mem::take(&mut traffic.effects);
        let rescheduled = traffic.schedule.take_earlier();
        drop(traffic);
        if rescheduled {
            self.timer.call_once(|| self.start_timer());
            self.rescheduled.notify_one();
        }
        self.run(effects);
        result
    }

    /// Begins a call. Returns whether its request is under way without a delay.
    pub(crate) fn call(
        self: &Arc<Self>,
        end: EndId,
        method: &str,
        args: Vec<u8>,
        done: Done,
    ) -> bool {
        let method = method.into();
        self.update(|traffic| traffic.call(end, method, args, done))
    }

    fn run(self: &Arc<Self>, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Done { done, outcome } => done(outcome),
                Effect::Handle { handle, mut request, prompt } => {
                    let args = std::mem::take(&mut request.bytes);
                    let transit = self.clone();
                    let arrived = Request { method: request.method.clone(), args, prompt };
                    let answer = move |answer| transit.update(|it| it.answer(request, answer));
                    handle(arrived, Responder::new(answer));
                }
            }
        }
    }

    fn start_timer(self: &Arc<Self>) {
        let transit = self.clone();
        thread::Builder::new()
            .name("labrpc-timer".to_owned())
            .spawn(move || {
                while let Some(effects) = transit.next_due() {
                    transit.run(effects);
                }
            })
            .expect("a network needs at least one thread");
    }

    /// Waits until something is due and does it. Returns what that causes outside of the network, or
    /// `None` once it is closed.
    fn next_due(&self) -> Option<Vec<Effect>> {
        let mut traffic = self.traffic.lock();
        loop {
            if traffic.is_closed() {
                return None;
            }
            // The timer itself sees whatever has been added so far.
            traffic.schedule.take_earlier();
            match traffic.schedule.next_at() {
                None => self.rescheduled.wait(&mut traffic),
                Some(at) if at <= Instant::now() => {
                    let action = traffic.schedule.pop()?;
                    traffic.act(action);
                    return Some(std::mem::take(&mut traffic.effects));
                }
                Some(at) => {
                    self.rescheduled.wait_until(&mut traffic, at);
                }
            }
        }
    }

    /// Fails all calls, drops all servers, and ends the timer.
    pub(crate) fn shutdown(self: &Arc<Self>) {
        let servers = self.update(|traffic| traffic.close());
        self.rescheduled.notify_one();
        drop(servers);
    }
}
