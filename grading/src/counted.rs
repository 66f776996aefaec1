//! Which runs of a test say something about the submission.

use std::collections::BTreeMap;

use crate::runlog::Run;

/// How many entries of the log must tell of a fault in the same run until it counts as failed. Each of them
/// stands for several attempts. A machine that was short of something has recovered by then; what fails
/// whenever this submission runs with this seed is the submission's doing.
const REPEATED_FAULTS: usize = 2;

/// The runs of one test of one submission that count, by their numbers: of each run the first entry that says
/// something about the submission, or else a fault that has come again.
pub(crate) fn counted_runs<'a>(runs: impl IntoIterator<Item = &'a Run>) -> BTreeMap<u64, &'a Run> {
    let mut by_index: BTreeMap<u64, Vec<&Run>> = BTreeMap::new();
    for run in runs {
        by_index.entry(run.index).or_default().push(run);
    }
    let counted = |entries: Vec<&'a Run>| -> Option<&'a Run> {
        let first = entries.iter().find(|run| run.counts());
        let faults = || entries.iter().filter(|run| run.is_fault());
        first.or_else(|| faults().nth(REPEATED_FAULTS - 1)).copied()
    };
    by_index.into_iter().filter_map(|(index, entries)| Some((index, counted(entries)?))).collect()
}
