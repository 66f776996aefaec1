//! The points of the class.

use crate::points::{show_mean, show_points};
use crate::results::Results;

/// How many bars the distribution has.
const BINS: usize = 10;

/// The points of the students who have handed something in and of whom no run is missing.
pub(super) struct Scores {
    pub(super) students: usize,
    /// Empty without students.
    pub(super) mean: String,
    /// Empty without students.
    pub(super) median: String,
    /// How many have all points, or more.
    pub(super) full: usize,
    pub(super) possible: String,
    pub(super) bins: Vec<Bin>,
}

/// A part of the distribution.
pub(super) struct Bin {
    /// From how many points to how many.
    pub(super) label: String,
    pub(super) count: usize,
    /// As a percentage of the longest bar.
    pub(super) length: f64,
}

impl Scores {
    /// Those of a class.
    pub(super) fn of(results: &Results) -> Self {
        let counted = results.handed_in().filter(|student| !student.incomplete);
        let mut points: Vec<f64> = counted.map(|student| student.points).collect();
        points.sort_by(f64::total_cmp);
        let possible = results.students.first().map_or(0.0, |student| student.possible);
        Scores {
            students: points.len(),
            mean: show_mean(&points).unwrap_or_default(),
            median: median(&points).map_or_else(String::new, show_points),
            full: points.iter().filter(|points| **points >= possible).count(),
            possible: show_points(possible),
            bins: bins(&points, possible),
        }
    }
}

fn median(sorted: &[f64]) -> Option<f64> {
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[odd / 2]),
        even => Some(f64::midpoint(sorted[even / 2 - 1], sorted[even / 2])),
    }
}

/// Whoever has more than all points is in the last one.
fn bins(points: &[f64], possible: f64) -> Vec<Bin> {
    let mut counts = [0usize; BINS];
    for points in points {
        let share = if possible > 0.0 { points / possible } else { 0.0 };
        counts[((share * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    let highest = counts.iter().copied().max().unwrap_or(0).max(1);
    let border = |index: usize| show_points(possible * index as f64 / BINS as f64);
    let bin = |(index, count): (usize, &usize)| Bin {
        label: match index + 1 {
            BINS => format!("{} or more", border(index)),
            next => format!("{} to below {}", border(index), border(next)),
        },
        count: *count,
        length: 100.0 * *count as f64 / highest as f64,
    };
    counts.iter().enumerate().map(bin).collect()
}
