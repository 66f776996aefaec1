//! Comparing two gradings.

use std::collections::BTreeMap;

use super::premises::premises;
use super::summary::{Student, Summary};
use crate::foreign::Foreign;
use crate::points::rounded;
use crate::runlog::Outcome;

/// What has changed between two gradings.
#[derive(Debug)]
pub(crate) struct Comparison {
    /// What the gradings were made with, a line each.
    pub(super) premises: Vec<String>,
    /// The students whose points have changed.
    pub(super) changed: Vec<StudentChange>,
    /// How many students are in both gradings.
    pub(super) in_both: usize,
    /// The students that are only in the older grading, or only in the newer one.
    pub(super) only: [Vec<Foreign>; 2],
}

/// The points of a student, and why they have changed.
#[derive(Debug)]
pub(super) struct StudentChange {
    pub(super) student: Foreign,
    /// The points in the older and in the newer grading.
    pub(super) points: [f64; 2],
    /// Whether the submission could run, if that has changed.
    pub(super) outcomes: Option<[Outcome; 2]>,
    pub(super) causes: Vec<Cause>,
}

/// A test, or the adjustments, whose points have changed.
#[derive(Debug)]
pub(super) struct Cause {
    pub(super) name: String,
    /// What it was in the older and in the newer grading; `None` where it was not.
    pub(super) sides: [Option<Side>; 2],
}

/// Points, and the runs that they were given for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Side {
    pub(super) points: f64,
    /// How many runs passed, and how many there were; `None` for adjustments.
    pub(super) runs: Option<[u64; 2]>,
}

impl Comparison {
    /// Compares two gradings.
    pub(crate) fn of(old: &Summary, new: &Summary) -> Self {
        let mut pairs: BTreeMap<&str, [Option<&Student>; 2]> = BTreeMap::new();
        for (side, summary) in [old, new].into_iter().enumerate() {
            for student in &summary.students {
                pairs.entry(student.key()).or_default()[side] = Some(student);
            }
        }
        let in_both: Vec<[&Student; 2]> =
            pairs.values().filter_map(|[old, new]| Some([(*old)?, (*new)?])).collect();
        let only = [0, 1].map(|side: usize| {
            let alone = pairs.values().filter(|pair| pair[1 - side].is_none());
            alone.filter_map(|pair| pair[side].map(Student::name)).collect()
        });
        Comparison {
            premises: premises(old, new, &in_both),
            changed: in_both.iter().copied().filter_map(StudentChange::of).collect(),
            in_both: in_both.len(),
            only,
        }
    }
}

impl Comparison {
    /// Whether the points of anybody have changed.
    pub(crate) fn has_changes(&self) -> bool {
        self.changed.iter().any(|student| student.change() != 0.0)
    }
}

impl StudentChange {
    /// What has changed; `None` if nothing has.
    fn of(pair: [&Student; 2]) -> Option<Self> {
        let causes = causes(pair);
        let points = pair.map(|student| student.points);
        if causes.is_empty() && !differs(points) {
            return None;
        }
        let outcomes = pair.map(|student| student.outcome);
        Some(StudentChange {
            student: pair[0].name(),
            points,
            outcomes: (outcomes[0] != outcomes[1]).then_some(outcomes),
            causes,
        })
    }

    /// By how much the points have changed.
    pub(super) fn change(&self) -> f64 {
        rounded(self.points[1] - self.points[0])
    }
}

/// The tests whose points have changed, in their order, and the adjustments.
fn causes(pair: [&Student; 2]) -> Vec<Cause> {
    let mut names: Vec<&str> = Vec::new();
    let mut sides: BTreeMap<&str, [Option<Side>; 2]> = BTreeMap::new();
    for (number, student) in pair.into_iter().enumerate() {
        for test in &student.tests {
            let side = Side { points: test.points, runs: Some([test.passed, test.runs]) };
            let both = sides.entry(&test.test).or_insert_with(|| {
                names.push(&test.test);
                [None; 2]
            });
            both[number] = Some(side);
        }
    }
    let tests = names.into_iter().filter_map(|name| Some((name, *sides.get(name)?)));
    let adjustments = pair.map(|student| Some(Side { points: student.adjustment(), runs: None }));
    let all = tests.chain([("adjustments", adjustments)]);
    let changed =
        all.filter(|(_, sides)| differs(sides.map(|side| side.map_or(0.0, |it| it.points))));
    changed.map(|(name, sides)| Cause { name: name.to_owned(), sides }).collect()
}

/// Whether points differ by a hundredth.
fn differs(points: [f64; 2]) -> bool {
    rounded(points[1] - points[0]) != 0.0
}
