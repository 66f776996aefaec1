//! What handing in late costs.

use serde::Deserialize;

use crate::counted::counted;
use crate::points::{MOST_POINTS, show_points};

/// What handing in late costs. Days are whole days.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Late {
    /// Days that cost nothing.
    #[serde(default)]
    free_days: u32,
    /// What is left of the points for each day that is not free, from 0 to 1.
    factor_per_day: Option<f64>,
    /// The points that each day costs which is not free.
    points_per_day: Option<f64>,
    /// Who is later than this, free days included, gets no points.
    at_most_days: Option<u32>,
}

impl Late {
    pub(super) fn check(&self) -> Result<(), String> {
        // A number that is none is in no range.
        match (self.factor_per_day, self.points_per_day) {
            (Some(factor), None) if !(0.0..=1.0).contains(&factor) => {
                Err(format!("factor_per_day = {factor} must be between 0 and 1"))
            }
            (None, Some(points)) if !(0.0..=MOST_POINTS).contains(&points) => {
                Err(format!("points_per_day = {points} must be between 0 and {MOST_POINTS}"))
            }
            (Some(_), Some(_)) | (None, None) => {
                Err("write either factor_per_day or points_per_day below [late]".to_owned())
            }
            _ if self.at_most_days.is_some_and(|most| most < self.free_days) => {
                Err("at_most_days must not be less than free_days".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// What is left of these points when a submission is so many days late, and how that comes about.
    pub(crate) fn apply(&self, points: f64, days: u32) -> (f64, String) {
        let late = counted(days as usize, "late day");
        if let Some(most) = self.at_most_days.filter(|most| days > *most) {
            return (0.0, format!("{late}, of at most {most}: no points"));
        }
        let counted = days.saturating_sub(self.free_days);
        let free = days - counted;
        let late = if free == 0 { late } else { format!("{late}, {free} free") };
        match (self.factor_per_day, self.points_per_day) {
            (Some(factor), _) if counted > 0 => {
                let factor = factor.powf(f64::from(counted));
                (points * factor, format!("{late}: {}", show_factor(factor)))
            }
            (_, Some(each)) if counted > 0 => {
                let cost = each * f64::from(counted);
                ((points - cost).max(0.0), format!("{late}: -{} points", show_points(cost)))
            }
            _ => (points, late),
        }
    }
}

/// A factor with at most four digits behind the point.
pub(crate) fn show_factor(factor: f64) -> String {
    let text = format!("{factor:.4}");
    format!("x {}", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::Late;

    const POLICY: Late = Late {
        free_days: 1,
        factor_per_day: Some(0.9),
        points_per_day: None,
        at_most_days: Some(4),
    };

    #[test]
    fn free_days_cost_nothing_and_too_many_cost_everything() {
        let of = |days| POLICY.apply(100.0, days);
        assert_eq!(of(0), (100.0, "0 late days".to_owned()));
        assert_eq!(of(1), (100.0, "1 late day, 1 free".to_owned()));
        assert_eq!(of(2), (90.0, "2 late days, 1 free: x 0.9".to_owned()));
        assert_eq!(of(3).1, "3 late days, 1 free: x 0.81");
        assert_eq!(of(5), (0.0, "5 late days, of at most 4: no points".to_owned()));
    }

    #[test]
    fn points_for_each_day_leave_at_least_none() {
        let policy = Late {
            free_days: 0,
            factor_per_day: None,
            points_per_day: Some(5.0),
            at_most_days: None,
        };
        assert_eq!(policy.apply(12.0, 2), (2.0, "2 late days: -10 points".to_owned()));
        assert_eq!(policy.apply(12.0, u32::MAX).0, 0.0);
    }

    #[test]
    fn a_policy_is_checked() {
        let with =
            |factor, points| Late { factor_per_day: factor, points_per_day: points, ..POLICY };
        assert_eq!(POLICY.check(), Ok(()));
        for (policy, problem) in [
            (with(None, None), "write either"),
            (with(Some(0.5), Some(1.0)), "write either"),
            (with(Some(f64::NAN), None), "factor_per_day = NaN"),
            (with(Some(1.5), None), "factor_per_day = 1.5"),
            (with(None, Some(-1.0)), "points_per_day = -1"),
            (Late { at_most_days: Some(0), ..POLICY }, "at_most_days"),
        ] {
            let found = policy.check().expect_err("it is refused");
            assert!(found.contains(problem), "{found}");
        }
    }
}
