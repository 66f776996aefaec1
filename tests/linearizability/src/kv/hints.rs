//! What a history tells about where its Appends belong.
//!
//! Let every value that is written to a key end in one and the same byte, and contain it nowhere else.
//! Then what a Get shows falls apart into written values in one way only. If a value was written once,
//! by an Append, then what a Get shows before it is what that Append was applied to: there is no other
//! state in which it can have happened.
//!
//! After a write that no Get shows, no Get comes before the next Put. What the value is meanwhile does not
//! matter; and if that write never returned it can be left out: an order is as good without it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{Action, Operation, Step, Suffix};
use crate::call::Call;
use crate::fingerprint::{BuildNumberHasher, Fingerprint};
use crate::model::Hints;

/// Makes the steps of one key's calls.
pub(super) fn prepare(calls: &[&Call<Operation>], hints: Hints) -> Vec<Option<Step>> {
    let terminator = match hints {
        Hints::Used => terminator(calls),
        Hints::Unused => None,
    };
    let mut steps: Vec<Option<Step>> =
        calls.iter().map(|call| write(&call.operation.action)).collect();
    let mut reader = Reader::new(terminator, &steps);
    for (index, call) in calls.iter().enumerate() {
        if let Action::Get { value: Some(value) } = &call.operation.action
            && call.returned.is_some()
        {
            steps[index] = Some(Step::Get(reader.read(value.as_bytes())));
        }
    }
    if terminator.is_some() {
        let Reader { writers, .. } = reader;
        give(&mut steps, calls, &writers);
    }
    steps
}

fn write(action: &Action) -> Option<Step> {
    let value = Fingerprint::of(action.written()?.as_bytes());
    match action {
        Action::Append { .. } => {
            Some(Step::Append(Suffix { value, power: value.power(), before: None }))
        }
        _ => Some(Step::Put(value)),
    }
}

/// The byte that ends every value that is written, and is nowhere else in one.
fn terminator(calls: &[&Call<Operation>]) -> Option<u8> {
    let mut values = calls
        .iter()
        .filter_map(|call| call.operation.action.written())
        .filter_map(|value| value.as_bytes().split_last());
    let (terminator, rest) = values.next()?;
    let ends_with_it =
        |(last, rest): (&u8, &[u8])| last == terminator && !rest.contains(terminator);
    (ends_with_it((terminator, rest)) && values.all(ends_with_it)).then_some(*terminator)
}

/// Who has written a value, by its fingerprint.
type Writers = HashMap<Fingerprint, Writer, BuildNumberHasher>;

struct Writer {
    /// The only call that has written the value; `None` if there are several.
    call: Option<usize>,
    /// What was before the value in a Get, if one has shown it.
    before: Option<Fingerprint>,
}

/// Reads what Gets have shown. Many show what others have shown, and then some: only what is new is
/// looked at.
struct Reader<'a> {
    terminator: Option<u8>,
    writers: Writers,
    last: &'a [u8],
    /// Where the values in `last` begin, and the fingerprint of all before; the first is at 0.
    boundaries: Vec<(usize, Fingerprint)>,
}

impl<'a> Reader<'a> {
    fn new(terminator: Option<u8>, steps: &[Option<Step>]) -> Self {
        let mut writers = Writers::default();
        if terminator.is_some() {
            writers.reserve(steps.len());
            for (call, step) in steps.iter().enumerate() {
                let (Some(Step::Put(value)) | Some(Step::Append(Suffix { value, .. }))) = step
                else {
                    continue;
                };
                match writers.entry(*value) {
                    Entry::Vacant(entry) => {
                        entry.insert(Writer { call: Some(call), before: None });
                    }
                    Entry::Occupied(mut entry) => entry.get_mut().call = None,
                }
            }
        }
        Reader { terminator, writers, last: &[], boundaries: vec![(0, Fingerprint::default())] }
    }

    /// The fingerprint of a text that a Get has shown.
    fn read(&mut self, text: &'a [u8]) -> Fingerprint {
        let Some(terminator) = self.terminator else {
            return Fingerprint::of(text);
        };
        let common = common_prefix(self.last, text);
        self.last = text;
        while self.boundaries.last().is_some_and(|(at, _)| *at > common) {
            self.boundaries.pop();
        }
        let (mut at, mut before) = self.boundaries.last().copied().unwrap_or_default();
        for value in text[at..].split_inclusive(|byte| *byte == terminator) {
            let fingerprint = Fingerprint::of(value);
            if let Some(writer) = self.writers.get_mut(&fingerprint) {
                writer.before.get_or_insert(before);
            }
            at += value.len();
            before = before.then(fingerprint, fingerprint.power());
            if value.last() == Some(&terminator) {
                self.boundaries.push((at, before));
            }
        }
        before
    }
}

/// A length up to which two texts are equal, if not the greatest.
fn common_prefix(left: &[u8], right: &[u8]) -> usize {
    const CHUNK: usize = 64;
    let pairs = left.chunks_exact(CHUNK).zip(right.chunks_exact(CHUNK));
    let equal = pairs.take_while(|(left, right)| left == right).count() * CHUNK;
    let rest = left[equal..].iter().zip(&right[equal..]);
    equal + rest.take_while(|(left, right)| left == right).count()
}

/// Tells the Appends what was before them, and what is to become of writes that were never seen.
fn give(steps: &mut [Option<Step>], calls: &[&Call<Operation>], writers: &Writers) {
    for (index, slot) in steps.iter_mut().enumerate() {
        let value = match slot {
            Some(Step::Put(value) | Step::Append(Suffix { value, .. })) => *value,
            _ => continue,
        };
        let Some(writer) = writers.get(&value) else {
            continue;
        };
        let unseen = writer.before.is_none() && value.len() > 0;
        if unseen {
            *slot = calls[index].returned.map(|_| Step::Unseen);
        } else if writer.call == Some(index)
            && let Some(Step::Append(suffix)) = slot
        {
            suffix.before = writer.before;
        }
    }
}
