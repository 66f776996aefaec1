//! What a number of runs says about a rate.

/// The two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.959_963_985;

/// The 95 % confidence interval of a rate (Wilson's). Unlike the usual one it is right near 0 and 1, where
/// the rates of tests are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower bound, at least 0.
    pub low: f64,
    /// The upper bound, at most 1.
    pub high: f64,
}

impl Interval {
    /// The interval for something that happened `count` times in `runs` runs; without runs, 0 to 1.
    pub fn of(count: u64, runs: u64) -> Self {
        if runs == 0 {
            return Interval { low: 0.0, high: 1.0 };
        }
        let n = runs as f64;
        let rate = count as f64 / n;
        let scale = 1.0 + Z * Z / n;
        let centre = (rate + Z * Z / (2.0 * n)) / scale;
        let half = Z / scale * (rate * (1.0 - rate) / n + Z * Z / (4.0 * n * n)).sqrt();
        // Rounding must not move the exact ends.
        let low = if count == 0 { 0.0 } else { centre - half };
        let high = if count == runs { 1.0 } else { centre + half };
        Interval { low, high }
    }
}

#[cfg(test)]
mod tests {
    use super::Interval;

    /// The values are those of Newcombe's tables for Wilson's interval, method 3.
    #[test]
    fn intervals_are_those_of_published_tables() {
        for (count, runs, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let interval = Interval::of(count, runs);
            assert!((interval.low - low).abs() < 5e-5, "{count} of {runs}: {interval:?}");
            assert!((interval.high - high).abs() < 5e-5, "{count} of {runs}: {interval:?}");
        }
    }

    #[test]
    fn extreme_counts_stay_within_bounds() {
        assert_eq!(Interval::of(0, 0), Interval { low: 0.0, high: 1.0 });
        assert_eq!(Interval::of(7, 7).high, 1.0);
        assert_eq!(Interval::of(0, 7).low, 0.0);
    }
}
