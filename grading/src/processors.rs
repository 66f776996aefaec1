//! Which processors the runners of this program are bound to.

use ::tests::runner::processors;
use parking_lot::Mutex;
use rand::seq::SliceRandom;

/// How many runners are bound to each processor.
static BOUND: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

/// A processor for the simulations of one runner, as long as this exists. A simulation runs one process at a time,
/// and is faster if all of them are on one processor; two simulations on one processor take twice as long.
#[derive(Debug)]
pub(crate) struct Processor {
    number: usize,
}

impl Processor {
    /// One of the processors that this program may use to which the fewest runners are bound. Among several it is
    /// random each time: on a processor that other programs use, only some submissions take longer. `None` if the
    /// system does not say which ones there are.
    pub(crate) fn take() -> Option<Self> {
        let mut bound = BOUND.lock();
        if bound.is_empty() {
            *bound = processors::allowed().into_iter().map(|number| (number, 0)).collect();
        }
        bound.shuffle(&mut rand::rng());
        let (number, runners) = bound.iter_mut().min_by_key(|(_, runners)| *runners)?;
        *runners += 1;
        Some(Processor { number: *number })
    }

    /// Its number in the system.
    pub(crate) fn number(&self) -> usize {
        self.number
    }
}

impl Drop for Processor {
    fn drop(&mut self) {
        if let Some((_, runners)) =
            BOUND.lock().iter_mut().find(|(number, _)| *number == self.number)
        {
            *runners -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Processor, processors};

    #[test]
    fn no_processor_has_two_runners_while_another_has_none() {
        let all = BTreeSet::from_iter(processors::allowed());
        for _ in 0..20 {
            let taken: Vec<_> = all.iter().filter_map(|_| Processor::take()).collect();
            assert_eq!(taken.iter().map(Processor::number).collect::<BTreeSet<_>>(), all);
        }
    }
}
