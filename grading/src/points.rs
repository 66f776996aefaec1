//! Points, and how they are written.

/// The most points that anything is worth, so that sums of them are exact to the hundredth.
pub(crate) const MOST_POINTS: f64 = 1e6;

/// To hundredths of a point.
pub(crate) fn rounded(points: f64) -> f64 {
    // Adding zero turns -0 into 0.
    (points * 100.0).round() / 100.0 + 0.0
}

/// Points without trailing zeros.
pub(crate) fn show_points(points: f64) -> String {
    let text = format!("{:.2}", rounded(points));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The mean of points, with one digit after the point and never rounded up: a class in which somebody lacks a point does not
/// look as if it had all of them. `None` without any.
pub(crate) fn show_mean(points: &[f64]) -> Option<String> {
    if points.is_empty() {
        return None;
    }
    // In hundredths, as points are shown: sums of fractions would come out a little too low.
    let hundredths: f64 = points.iter().map(|points| (points * 100.0).round()).sum();
    let tenths = (hundredths / points.len() as f64 / 10.0).floor();
    Some(format!("{:.1}", tenths / 10.0))
}

/// A change of points, with its sign.
pub(crate) fn show_change(points: f64) -> String {
    let sign = if rounded(points) > 0.0 { "+" } else { "" };
    format!("{sign}{}", show_points(points))
}

#[cfg(test)]
mod tests {
    use super::{show_change, show_mean, show_points};

    #[test]
    fn points_are_as_short_as_they_can_be() {
        let shown = [0.0, 100.0, 1.5, 0.125, -0.001, 70.0].map(show_points);
        assert_eq!(shown, ["0", "100", "1.5", "0.13", "0", "70"]);
        assert_eq!([2.0, -2.5, 0.001].map(show_change), ["+2", "-2.5", "0"]);
    }

    #[test]
    fn mean_is_full_only_if_all_points_are() {
        assert_eq!(show_mean(&[]), None);
        assert_eq!(show_mean(&[0.1, 0.2]).as_deref(), Some("0.1"));
        assert_eq!(show_mean(&[99.9, 99.9, 99.9]).as_deref(), Some("99.9"));
        let mut class = vec![100.0; 30];
        assert_eq!(show_mean(&class).as_deref(), Some("100.0"));
        class[0] = 99.9;
        assert_eq!(show_mean(&class).as_deref(), Some("99.9"));
    }
}
