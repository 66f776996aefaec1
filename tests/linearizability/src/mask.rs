//! Sets of slots: which of the calls in flight are placed already.

use std::fmt::Debug;
use std::hash::Hash;

/// A set of small numbers.
pub(crate) trait Mask: Clone + Eq + Hash + Debug + Send {
    fn empty(slots: usize) -> Self;
    fn contains(&self, slot: u32) -> bool;
    fn insert(&mut self, slot: u32);
    fn remove(&mut self, slot: u32);
}

/// Up to 64 calls at once.
impl Mask for u64 {
    fn empty(_slots: usize) -> Self {
        0
    }

    fn contains(&self, slot: u32) -> bool {
        self >> slot & 1 == 1
    }

    fn insert(&mut self, slot: u32) {
        *self |= 1 << slot;
    }

    fn remove(&mut self, slot: u32) {
        *self &= !(1 << slot);
    }
}

/// Any number of calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct WideMask(Box<[u64]>);

impl Mask for WideMask {
    fn empty(slots: usize) -> Self {
        WideMask(vec![0; slots.div_ceil(64)].into())
    }

    fn contains(&self, slot: u32) -> bool {
        self.0[slot as usize / 64].contains(slot % 64)
    }

    fn insert(&mut self, slot: u32) {
        self.0[slot as usize / 64].insert(slot % 64);
    }

    fn remove(&mut self, slot: u32) {
        self.0[slot as usize / 64].remove(slot % 64);
    }
}
