//! A stage of the rubric and its tests.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::share::{Band, ShareText};
use super::shown::{Detail, Visibility};
use crate::points::MOST_POINTS;
use crate::toml_file::Problem;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StageRubric {
    points: Spanned<f64>,
    pub(super) tests: BTreeMap<Spanned<String>, TestRubric>,
}

/// What a test is worth.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TestRubric {
    pub(super) points: f64,
    /// Tests of the same stage that must pass at least sometimes; otherwise this one is not run.
    #[serde(default)]
    pub(super) needs: Vec<Spanned<String>>,
    bands: Option<Spanned<Vec<Band>>>,
    formula: Option<Spanned<String>>,
    pub(super) visibility: Option<Visibility>,
    pub(super) detail: Option<Detail>,
}

impl StageRubric {
    /// What is wrong, as far as that can be told without the list of tests: with points, shares, and what students
    /// see. `visibility` is that of the whole rubric.
    pub(super) fn problems(
        &self,
        stage: &Spanned<String>,
        runs: u64,
        visibility: Visibility,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (name, test) in &self.tests {
            problems.extend(test.check(name, runs).err());
            let visible_when = |test: &TestRubric| test.visibility.unwrap_or(visibility);
            let needed = test
                .needs
                .iter()
                .filter_map(|need| self.tests.get_key_value(need.get_ref().as_str()));
            for (need, other) in needed {
                if visible_when(other) > visible_when(test) {
                    let (name, need) = (name.get_ref(), need.get_ref());
                    let problem = format!(
                        "students see {name} before {need}, which it needs, and would learn whether {need} passes: \
                         give {name} the visibility of {need}"
                    );
                    problems.push((self.position_of(name, stage), problem));
                }
            }
        }
        // The sum of wrong points is wrong.
        if problems.is_empty() {
            problems.extend(self.check_sum(stage.get_ref()).err());
        }
        problems
    }

    fn position_of(&self, name: &str, stage: &Spanned<String>) -> usize {
        self.tests.get_key_value(name).map_or(stage.span().start, |(name, _)| name.span().start)
    }

    /// What keeps the stage from listing exactly the tests with these names.
    pub(super) fn wrong_names(&self, stage: &Spanned<String>, names: &[&str]) -> Vec<Problem> {
        let position = stage.span().start;
        let stage = stage.get_ref();
        if names.is_empty() {
            return vec![(position, format!("there is no stage {stage}"))];
        }
        let missing = self.check_all_listed(stage, names).err();
        let mut problems: Vec<Problem> =
            missing.map(|problem| (position, problem)).into_iter().collect();
        for (name, test) in &self.tests {
            if names.contains(&name.get_ref().as_str()) {
                let needs = test.needs.iter();
                problems.extend(
                    needs.filter_map(|need| check_need(need, name.get_ref(), names, stage).err()),
                );
            } else {
                let problem = format!("stage {stage} has no test {}", name.get_ref());
                problems.push((name.span().start, problem));
            }
        }
        problems
    }

    fn check_all_listed(&self, stage: &str, names: &[&str]) -> Result<(), String> {
        let missing: Vec<&str> =
            names.iter().copied().filter(|name| !self.tests.contains_key(*name)).collect();
        match missing.as_slice() {
            [] => Ok(()),
            [name] => Err(format!(
                "stage {stage} does not list the test {name} (write points = 0 if it earns nothing)"
            )),
            names => Err(format!(
                "stage {stage} does not list the tests {} (write points = 0 if they earn nothing)",
                names.join(", ")
            )),
        }
    }

    fn check_sum(&self, stage: &str) -> Result<(), Problem> {
        let points = *self.points.get_ref();
        let position = self.points.span().start;
        check_points(points, &format!("stage {stage}")).map_err(|problem| (position, problem))?;
        let sum: f64 = self.tests.values().map(|test| test.points).sum();
        if (sum - points).abs() > 1e-6 {
            let problem = format!("the tests of stage {stage} add up to {sum}, not {points}");
            return Err((position, problem));
        }
        Ok(())
    }
}

impl TestRubric {
    /// What the rubric says about the share of the points for this test alone.
    pub(super) fn share(&self) -> ShareText {
        ShareText { bands: self.bands.clone(), formula: self.formula.clone() }
    }

    fn check(&self, name: &Spanned<String>, runs: u64) -> Result<(), Problem> {
        let position = name.span().start;
        let name = name.get_ref();
        check_points(self.points, name).map_err(|problem| (position, problem))?;
        let share = self.share().checked(runs);
        share.map(|_| ()).map_err(|(position, problem)| (position, format!("{name}: {problem}")))
    }
}

/// A test may need only tests before it, so that no tests need each other.
fn check_need(
    need: &Spanned<String>,
    name: &str,
    known: &[&str],
    stage: &str,
) -> Result<(), Problem> {
    let place = |name: &str| known.iter().position(|known| *known == name);
    if place(need.get_ref()).is_some_and(|at| Some(at) < place(name)) {
        return Ok(());
    }
    let other = need.get_ref();
    let problem = format!("{name} can need only a test before it in stage {stage}, not {other}");
    Err((need.span().start, problem))
}

fn check_points(points: f64, what: &str) -> Result<(), String> {
    // A number that is none is in no range.
    if (0.0..=MOST_POINTS).contains(&points) {
        return Ok(());
    }
    Err(format!("{what} cannot be worth {points} points: write a number from 0 to {MOST_POINTS}"))
}
