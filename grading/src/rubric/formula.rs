//! Formulas that say how passes become a share of the points, such as `ceil(max(passes - 200, 0) / 2) / 100`.

use super::expression::{Node, TOLERANCE};
use super::parser::parse;

/// What a formula is checked with: each number of passes of at most this many runs.
const MOST_RUNS: u64 = 100_000;

/// A formula of `passes`, `runs` and `rate`, which is `passes / runs`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Formula {
    /// As the rubric writes it, in one line.
    text: String,
    node: Node,
}

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let node = parse(text)?;
        Ok(Formula { text: text.split_whitespace().collect::<Vec<_>>().join(" "), node })
    }

    /// Checks the share that each number of passes earns.
    ///
    /// # Errors
    ///
    /// If one is not a number from 0 to 1 or is smaller than that of fewer passes, or if no passes earn
    /// something; names the number of passes.
    pub(super) fn check(&self, runs: u64) -> Result<(), String> {
        if runs > MOST_RUNS {
            return Err(format!("a formula works with at most {MOST_RUNS} runs, not {runs}"));
        }
        let mut before = 0.0;
        for passes in 0..=runs {
            let share = self.value(passes, runs);
            let place = format!("{passes} of {runs} passes");
            if !(-TOLERANCE..=1.0 + TOLERANCE).contains(&share) {
                return Err(format!(
                    "the formula gives {share} for {place}, not a share from 0 to 1"
                ));
            }
            if passes == 0 && share > TOLERANCE {
                return Err(format!("the formula gives {share} for {place}; it must give 0"));
            }
            if share < before - TOLERANCE {
                return Err(format!("the formula falls from {before} to {share} at {place}"));
            }
            before = share;
        }
        Ok(())
    }

    /// The share of the points that these passes earn, from 0 to 1 whatever the formula gives.
    pub(super) fn share(&self, passes: u64, runs: u64) -> f64 {
        let share = self.value(passes, runs);
        if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) }
    }

    /// The formula as the rubric writes it, in one line of ASCII.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn value(&self, passes: u64, runs: u64) -> f64 {
        self.node.value(passes as f64, runs as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::Formula;

    fn value(text: &str, passes: u64, runs: u64) -> f64 {
        Formula::parse(text)
            .unwrap_or_else(|problem| panic!("{text}: {problem}"))
            .value(passes, runs)
    }

    #[test]
    fn formulas_follow_the_rules_of_arithmetic() {
        for (text, expected) in [
            ("1 + 2 * 3", 7.0),
            ("(1 + 2) * 3", 9.0),
            ("8 - 4 - 2", 2.0),
            ("8 / 4 / 2", 1.0),
            ("-2 + 5", 3.0),
            ("2 * -3", -6.0),
            ("min(3, 1, 2)", 1.0),
            ("max(3, 1, 2)", 3.0),
            ("floor(2.7) + ceil(2.2) + round(2.5)", 8.0),
            ("passes / runs - rate", 0.0),
            ("passes+runs", 27.0),
        ] {
            assert_eq!(value(text, 7, 20), expected, "{text}");
        }
    }

    #[test]
    fn rounding_does_not_depend_on_the_last_digit() {
        // 0.07 * 100 is a little more than 7, and 0.29 * 100 a little less than 29.
        assert_eq!(value("ceil(rate * 100)", 7, 100), 7.0);
        assert_eq!(value("floor(rate * 100)", 29, 100), 29.0);
    }

    #[test]
    fn a_course_gives_no_points_for_the_first_half() {
        let formula = Formula::parse("ceil(max(passes - 200, 0) / 2) / 100").expect("it is valid");
        assert_eq!(formula.check(400), Ok(()));
        let shares = [0, 200, 201, 202, 203, 399, 400].map(|passes| formula.share(passes, 400));
        assert_eq!(shares, [0.0, 0.0, 0.01, 0.01, 0.02, 1.0, 1.0]);
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        for (text, problem) in [
            ("", "ends too early"),
            ("passes +", "ends too early"),
            ("passes runs", "from \"runs\" on"),
            ("pases / runs", "unknown name \"pases\""),
            ("(passes", "ends where \")\" is missing"),
            ("min(passes", "ends where \")\" is missing"),
            ("min(passes)", "min in the formula needs two numbers or more"),
            ("floor(1, 2)", "floor in the formula needs exactly one number"),
            ("floor 1", "\"(\" is missing in the formula before \"1\""),
            ("1.2.3", "\"1.2.3\" in the formula is not a number"),
            ("2x", "\"2x\" in the formula is not a number"),
            ("passes ^ 2", "from \"^ 2\" on"),
            ("\u{fc}", "from \"\u{fc}\" on"),
            (&"(".repeat(400), "nested more than 32 deep"),
            (&"-".repeat(400), "nested more than 32 deep"),
            (&"1+".repeat(300), "more than 500 characters"),
        ] {
            let found = Formula::parse(text).expect_err("it is refused");
            assert!(found.contains(problem), "{text}: {found}");
        }
        assert!(Formula::parse(&("1".to_owned() + &"+1".repeat(249))).is_ok());
    }

    #[test]
    fn a_formula_is_checked_with_every_number_of_passes() {
        for (text, problem) in [
            (
                "passes / 19",
                "gives 1.0526315789473684 for 20 of 20 passes, not a share from 0 to 1",
            ),
            ("rate - 0.1", "gives -0.1 for 0 of 20 passes, not a share from 0 to 1"),
            ("0.1 + rate / 2", "gives 0.1 for 0 of 20 passes; it must give 0"),
            ("rate / (passes - 7)", "for 1 of 20 passes, not a share"),
            ("max(0, 0 / (passes - 7))", "gives NaN for 7 of 20 passes"),
            ("min(1, 0 / passes)", "gives NaN for 0 of 20 passes"),
            ("rate * (1 - rate)", "falls from 0.25 to 0.2475 at 11 of 20 passes"),
        ] {
            let found = Formula::parse(text).expect("it is a formula").check(20);
            let found = found.expect_err("it is refused");
            assert!(found.contains(problem), "{text}: {found}");
        }
        let fine = Formula::parse("rate * 3 - rate * 2").expect("it is a formula");
        assert_eq!(fine.check(20), Ok(()));
        assert!(fine.check(u64::MAX).is_err_and(|found| found.contains("at most 100000 runs")));
    }

    #[test]
    fn a_share_is_from_0_to_1_even_for_what_was_not_planned() {
        let shares = |text| {
            let formula = Formula::parse(text).expect("it is a formula");
            [(30, 20), (0, 0)].map(|(passes, runs)| formula.share(passes, runs))
        };
        assert_eq!(shares("rate"), [1.0, 0.0]);
        assert_eq!(shares("-rate"), [0.0, 0.0]);
    }
}
