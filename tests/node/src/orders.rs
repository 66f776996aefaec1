//! What a test wants of the service of Lab 2 while it runs.

use std::collections::BTreeSet;

use parking_lot::{Condvar, Mutex};
use protocol::{Index, Order};

/// The orders of a test to one service.
#[derive(Default)]
pub(crate) struct Orders {
    open: Mutex<Open>,
    changed: Condvar,
}

/// The orders that have not been carried out.
#[derive(Default)]
struct Open {
    /// The indexes at which a snapshot is wanted.
    snapshots: BTreeSet<Index>,
    /// The index at which the service stops.
    stop: Option<Index>,
}

impl Orders {
    /// Adds an order.
    pub(crate) fn give(&self, order: Order) {
        let mut open = self.open.lock();
        match order {
            Order::SnapshotAt(index) => {
                open.snapshots.insert(index);
            }
            Order::StopAt(index) => open.stop = Some(index),
            Order::GoOn => open.stop = None,
        }
        self.changed.notify_all();
    }

    /// Returns when the service, which has applied `index`, may go on.
    pub(crate) fn await_permission(&self, index: Index) {
        let mut open = self.open.lock();
        while open.stop.is_some_and(|stop| stop <= index) {
            self.changed.wait(&mut open);
        }
    }

    /// Whether a snapshot was wanted at `index`. Orders up to there are done.
    pub(crate) fn take_snapshot(&self, index: Index) -> bool {
        let mut open = self.open.lock();
        let is_wanted = open.snapshots.contains(&index);
        open.snapshots.retain(|wanted| *wanted > index);
        is_wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_is_made_once_and_not_behind_the_service() {
        let orders = Orders::default();
        for index in [3, 5, 8] {
            orders.give(Order::SnapshotAt(index));
        }
        assert!(!orders.take_snapshot(4));
        assert!(orders.take_snapshot(5));
        assert!(!orders.take_snapshot(5));
        assert!(!orders.take_snapshot(3));
        assert!(orders.take_snapshot(8));
    }

    #[test]
    fn a_service_that_may_go_on_does_not_wait() {
        let orders = Orders::default();
        orders.await_permission(7);
        orders.give(Order::StopAt(9));
        orders.await_permission(8);
        orders.give(Order::GoOn);
        orders.await_permission(9);
    }
}
