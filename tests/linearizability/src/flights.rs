//! Which calls are in flight at each return.

use std::ops::Range;

use crate::call::Call;

/// The calls of one key in the order of time, as the search needs them.
///
/// Invariant: a call that is in flight has its own slot, below `slots`.
#[derive(Debug)]
pub(crate) struct Flights {
    /// The slot of each call.
    slot: Vec<u32>,
    slots: usize,
    /// For each return, in the order of time: where its calls are in `in_flight`.
    returns: Vec<Range<u32>>,
    /// For each return the calls in flight then: first the one that returns, then the others, in the
    /// order in which they were called.
    in_flight: Vec<u32>,
}

/// Orders events at the same time: calls come before returns, since a call includes both its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Called,
    Returned,
}

impl Flights {
    /// Takes the calls for which `counts` holds.
    pub(crate) fn new<O>(calls: &[&Call<O>], counts: impl Fn(usize) -> bool) -> Self {
        let mut events = Vec::with_capacity(2 * calls.len());
        for (index, call) in calls.iter().enumerate().filter(|(index, _)| counts(*index)) {
            events.push((call.called, Kind::Called, index as u32));
            if let Some(returned) = call.returned {
                // A return before its call is a broken record: such a call takes no time.
                events.push((returned.max(call.called), Kind::Returned, index as u32));
            }
        }
        events.sort_unstable();

        let mut flights = Flights {
            slot: vec![0; calls.len()],
            slots: 0,
            returns: Vec::with_capacity(events.len() / 2),
            in_flight: Vec::with_capacity(events.len()),
        };
        let mut now: Vec<u32> = Vec::new();
        let mut free: Vec<u32> = Vec::new();
        for (_, kind, call) in events {
            match kind {
                Kind::Called => {
                    flights.slot[call as usize] = free.pop().unwrap_or_else(|| {
                        flights.slots += 1;
                        flights.slots as u32 - 1
                    });
                    now.push(call);
                }
                Kind::Returned => {
                    let at = now.iter().position(|other| *other == call);
                    now.remove(at.expect("what returns has been called"));
                    free.push(flights.slot[call as usize]);
                    flights.note_return(call, &now);
                }
            }
        }
        flights
    }

    fn note_return(&mut self, call: u32, others: &[u32]) {
        let start = self.in_flight.len() as u32;
        self.in_flight.push(call);
        self.in_flight.extend_from_slice(others);
        self.returns.push(start..self.in_flight.len() as u32);
    }

    /// The number of returns.
    pub(crate) fn returns(&self) -> u32 {
        self.returns.len() as u32
    }

    /// The most calls that are in flight at once.
    pub(crate) fn slots(&self) -> usize {
        self.slots
    }

    /// The calls in flight at a return, the one that returns first.
    pub(crate) fn at(&self, number: u32) -> &[u32] {
        let Range { start, end } = self.returns[number as usize];
        &self.in_flight[start as usize..end as usize]
    }

    pub(crate) fn slot(&self, call: u32) -> u32 {
        self.slot[call as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flights(intervals: &[(u64, Option<u64>)]) -> Flights {
        let calls: Vec<Call<()>> = intervals
            .iter()
            .map(|(called, returned)| Call {
                client: 0,
                called: *called,
                returned: *returned,
                operation: (),
            })
            .collect();
        Flights::new(&calls.iter().collect::<Vec<_>>(), |_| true)
    }

    #[test]
    fn calls_that_touch_in_time_overlap() {
        let flights = flights(&[(0, Some(5)), (5, Some(9))]);
        assert_eq!(flights.at(0), [0, 1]);
        assert_eq!(flights.at(1), [1]);
        assert_eq!(flights.slots(), 2);
    }

    #[test]
    fn a_call_without_a_return_stays_in_flight() {
        let flights = flights(&[(0, None), (1, Some(2)), (3, Some(4))]);
        assert_eq!(flights.returns(), 2);
        assert_eq!(flights.at(0), [1, 0]);
        assert_eq!(flights.at(1), [2, 0]);
        assert_eq!(flights.slots(), 2);
    }
}
