//! Which tests tell strong students from weak ones.

use crate::points::rounded;
use crate::results::{Finding, StudentResult, TestResult};
use crate::runlog::Outcome;

/// With fewer students a correlation is mostly chance.
pub(super) const FEWEST: usize = 20;

/// The discrimination of tests: the correlation, over students, of the share of runs that pass the test with the points
/// for all other tests. The test itself is left out of the points, because it always agrees with itself.
pub(super) struct Discrimination<'a> {
    /// Those of whom no run is missing, at least [`FEWEST`].
    students: Vec<&'a StudentResult>,
}

impl<'a> Discrimination<'a> {
    /// That in a class in which nobody is twice, unless students are too few.
    pub(super) fn of(class: &[&'a StudentResult]) -> Option<Self> {
        let is_whole =
            |student: &&&StudentResult| student.outcome == Outcome::Built && !student.incomplete;
        let students: Vec<_> = class.iter().filter(is_whole).copied().collect();
        (students.len() >= FEWEST).then_some(Discrimination { students })
    }

    /// How many students it is made from.
    pub(super) fn students(&self) -> usize {
        self.students.len()
    }

    /// Up to this distance from 0, an index may be chance: that of a test which has nothing to do with the others is
    /// farther away in 5 % of classes (by Fisher's transformation).
    pub(super) fn chance(&self) -> f64 {
        (1.96 / (self.students.len() as f64 - 3.0).sqrt()).tanh()
    }

    /// The index of the test with this position in the rubric, from -1 to 1. None if all students do equally well in
    /// it, or in the others.
    pub(super) fn of_test(&self, position: usize) -> Option<f64> {
        let of = |student: &&StudentResult| {
            let test = student.tests.get(position)?;
            Some((pass_rate(test), rounded(student.before - test.points)))
        };
        correlation(&self.students.iter().map(of).collect::<Option<Vec<_>>>()?)
    }
}

fn pass_rate(test: &TestResult) -> f64 {
    match test.finding {
        Finding::Ok | Finding::Flaky => test.passed as f64 / test.runs as f64,
        Finding::Broken | Finding::NeedsOther(_) | Finding::NotJudged => 0.0,
    }
}

/// Pearson's correlation. None if one of the two is the same for all.
fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let (first, second) = pairs.first()?;
    // Of equal numbers, rounding can make a small variance.
    if pairs.iter().all(|(x, _)| x == first) || pairs.iter().all(|(_, y)| y == second) {
        return None;
    }
    let count = pairs.len() as f64;
    let mean_x = pairs.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = pairs.iter().map(|(_, y)| y).sum::<f64>() / count;
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        let (x, y) = (x - mean_x, y - mean_y);
        (xy, xx, yy) = (xy + x * y, xx + x * x, yy + y * y);
    }
    Some((xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::correlation;

    /// Of two yes-or-no answers it is the phi coefficient, (ad - bc) / sqrt of the product of the sums.
    #[test]
    fn correlations_are_those_of_the_textbook() {
        let table = [((1.0, 1.0), 10), ((1.0, 0.0), 2), ((0.0, 1.0), 3), ((0.0, 0.0), 5)];
        let pairs: Vec<_> = table.into_iter().flat_map(|(pair, n)| vec![pair; n]).collect();
        let found = correlation(&pairs).expect("both differ");
        assert!((found - 44.0 / 8736f64.sqrt()).abs() < 1e-12, "{found}");
        // Anscombe's first set.
        let x = [10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0];
        let y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
        let found = correlation(&x.into_iter().zip(y).collect::<Vec<_>>()).expect("both differ");
        assert!((found - 0.816_42).abs() < 1e-5, "{found}");
    }

    #[test]
    fn there_is_no_correlation_with_what_never_changes() {
        for pairs in [vec![], vec![(0.5, 1.0)], vec![(0.1, 1.0); 30], vec![(0.1, 1.0), (0.1, 2.0)]]
        {
            assert_eq!(correlation(&pairs), None);
        }
        assert_eq!(correlation(&[(0.0, 1.0), (1.0, 0.0)]), Some(-1.0));
    }
}
