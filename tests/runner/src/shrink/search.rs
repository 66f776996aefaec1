//! The search for the smallest run that fails in the same way.

use records::Seed;

use super::reduce::reduce;
use super::trials::{Cost, Trials};
use crate::choices::Choices;
use crate::plan::{Piece, Plan};

/// How many seeds are tried, the one that failed included.
const SEEDS: u128 = 48;

/// If the windows fall into more than this many pieces, they are not cut further.
const MOST_PIECES: usize = 64;

/// Looks for the smallest run that fails in the same way as one with this seed, which has these parts, ended at
/// `end` in milliseconds, and was so large.
///
/// First it leaves nothing to chance. If no such run fails, it leaves as few parts to chance as it can, and these for
/// as short a time as it can.
pub(super) fn search(
    trials: &Trials<'_>,
    seed: Seed,
    parts: Vec<String>,
    end: u64,
    cost: Cost,
) -> Choices {
    let with = |plan: Plan| {
        let seeds = (0..SEEDS).map(|more| Seed(seed.0.wrapping_add(more)));
        seeds.map(|seed| Choices { seed, plan: plan.clone() }).collect::<Vec<_>>()
    };
    if let Some((choices, _)) = trials.smallest(with(Plan::of(&[]))) {
        return choices;
    }
    let own = Choices { seed, plan: Plan::default() };
    let smaller = trials.smallest(with(Plan::default())).filter(|(_, other)| *other < cost);
    let Choices { seed, .. } = smaller.map_or(own, |(choices, _)| choices);
    let choices = |pieces: &[Piece]| Choices { seed, plan: Plan::of(pieces) };
    let whole = parts.into_iter().map(|part| (part, 0..end + 1)).collect::<Vec<Piece>>();
    if trials.first(&[choices(&whole)]).is_none() {
        return Choices { seed, plan: Plan::default() };
    }
    let reduce = |pieces| {
        reduce(pieces, |lists| {
            trials.first(&lists.iter().map(|list| choices(list)).collect::<Vec<_>>())
        })
    };
    let mut pieces = reduce(whole);
    while !trials.is_over() && pieces.len() <= MOST_PIECES {
        let halves: Vec<Piece> = pieces.iter().flat_map(halves).collect();
        if halves.len() == pieces.len() {
            break;
        }
        pieces = reduce(halves);
    }
    choices(&joined(pieces))
}

/// The halves of a piece, or the piece itself if it is a millisecond.
fn halves((part, window): &Piece) -> Vec<Piece> {
    let middle = window.start + (window.end - window.start) / 2;
    let halves = [window.start..middle, middle..window.end];
    halves.into_iter().filter(|half| !half.is_empty()).map(|half| (part.clone(), half)).collect()
}

/// The same pieces, with neighbours joined.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::new();
    for (part, window) in pieces {
        match joined.last_mut() {
            Some((last, before)) if *last == part && before.end == window.start => {
                before.end = window.end
            }
            _ => joined.push((part, window)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::{halves, joined};
    use crate::plan::{Piece, Plan};

    #[test]
    fn pieces_are_cut_and_joined() {
        let pieces: Vec<Piece> = vec![("server-0".to_owned(), 0..7), ("tester".to_owned(), 3..4)];
        let halves: Vec<Piece> = pieces.iter().flat_map(halves).collect();
        assert_eq!(Plan::of(&halves).to_string(), "server-0:0-3,server-0:3-7,tester:3-4");
        assert_eq!(joined(halves), pieces);
    }
}
