//! Applying adjustments.

use serde::Serialize;

use super::adjustment::{Adjustment, Change};
use crate::foreign::Foreign;
use crate::points::{rounded, show_points};
use crate::rubric::{Late, show_factor};

/// What an adjustment has changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Step {
    /// What it does, such as "2 late days: x 0.81". This says nothing about the points before it.
    pub(crate) what: String,
    /// How many points it has added; `None` for a student who is not to know the points before it.
    pub(crate) points: Option<f64>,
    /// Why, for the student.
    pub(crate) reason: Foreign,
}

/// The points after these adjustments, and what each of them has changed.
pub(crate) fn adjusted(
    before: f64,
    adjustments: &[Adjustment],
    late: Option<Late>,
) -> (f64, Vec<Step>) {
    let mut sorted: Vec<&Adjustment> = adjustments.iter().collect();
    sorted.sort_by_key(|adjustment| match adjustment.change {
        Change::LateDays(_) => 0,
        Change::Factor(_) => 1,
        Change::Points(_) => 2,
    });
    let mut now = before;
    let mut steps = Vec::new();
    for Adjustment { change, reason, .. } in sorted {
        let (after, what) = apply(now, *change, late);
        let after = rounded(after);
        steps.push(Step { what, points: Some(rounded(after - now)), reason: reason.clone() });
        now = after;
    }
    (now.max(0.0), steps)
}

fn apply(points: f64, change: Change, late: Option<Late>) -> (f64, String) {
    match (change, late) {
        (Change::LateDays(days), Some(late)) => late.apply(points, days),
        (Change::LateDays(days), None) => (points, format!("{days} late days")),
        (Change::Factor(factor), _) => (points * factor, show_factor(factor)),
        (Change::Points(added), _) => (points + added, describe(added)),
    }
}

/// Points that are added or taken off. It does not start with a sign, which a spreadsheet would take for a formula.
fn describe(added: f64) -> String {
    let points = if added.abs() == 1.0 { "point" } else { "points" };
    let way = if added < 0.0 { "off" } else { "added" };
    format!("{} {points} {way}", show_points(added.abs()))
}

#[cfg(test)]
mod tests {
    use super::{Adjustment, Change, Late, adjusted};

    fn late() -> Late {
        toml::from_str("factor_per_day = 0.9").expect("it is a policy")
    }

    fn of(before: f64, changes: &[Change]) -> (f64, Vec<(String, Option<f64>)>) {
        let adjustments: Vec<Adjustment> =
            changes.iter().map(|change| Adjustment::because(*change, "so")).collect();
        let (after, steps) = adjusted(before, &adjustments, Some(late()));
        (after, steps.into_iter().map(|step| (step.what, step.points)).collect())
    }

    #[test]
    fn the_order_is_late_days_then_factors_then_points() {
        use Change::{Factor, LateDays, Points};
        let expected = [
            ("2 late days: x 0.81".to_owned(), Some(-19.0)),
            ("x 0.5".to_owned(), Some(-40.5)),
            ("3 points added".to_owned(), Some(3.0)),
            ("5 points off".to_owned(), Some(-5.0)),
        ];
        for order in [
            [Points(3.0), Points(-5.0), Factor(0.5), LateDays(2)],
            [LateDays(2), Factor(0.5), Points(3.0), Points(-5.0)],
        ] {
            assert_eq!(of(100.0, &order), (38.5, expected.to_vec()));
        }
    }

    #[test]
    fn points_are_never_below_0_and_their_order_does_not_matter() {
        use Change::Points;
        assert_eq!(of(3.0, &[Points(-5.0)]).0, 0.0);
        assert_eq!(of(3.0, &[Points(-5.0), Points(3.0)]).0, 1.0);
        assert_eq!(of(3.0, &[Points(3.0), Points(-5.0)]).0, 1.0);
        assert_eq!(of(0.0, &[Points(4.0)]).0, 4.0);
    }
}
