//! The rubric: how many points each test is worth.

use std::collections::BTreeMap;
use std::path::Path;

use records::TestInfo;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml::Spanned;

use crate::files::read_text;
use crate::tree::hex;

/// The largest rubric, in bytes.
const LIMIT: u64 = 1 << 20;

/// The most points that anything is worth, so that sums of them are exact to the hundredth.
const MOST_POINTS: f64 = 1e6;

/// A position in the rubric's text, and what is wrong there.
type Problem = (usize, String);

/// The points by stage and test.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rubric {
    version: Spanned<u32>,
    /// What a pass rate earns: the first band that is reached counts.
    bands: Vec<Band>,
    #[serde(default)]
    visibility: Visibility,
    stage: BTreeMap<Spanned<String>, StageRubric>,
    /// Identifies the rubric's text.
    #[serde(skip)]
    pub(crate) hash: String,
}

/// A pass rate, and the share of the points that it earns.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Band {
    at_least: f64,
    earns: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct StageRubric {
    points: Spanned<f64>,
    tests: BTreeMap<Spanned<String>, TestRubric>,
}

/// What a test is worth.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TestRubric {
    points: f64,
    /// Tests of the same stage that must pass at least sometimes; otherwise this one is not run.
    #[serde(default)]
    needs: Vec<Spanned<String>>,
    bands: Option<Vec<Band>>,
    visibility: Option<Visibility>,
}

/// When students see a result, in Gradescope's terms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Visibility {
    /// At once.
    #[default]
    Visible,
    /// After the due date.
    AfterDueDate,
    /// When the grades are published.
    AfterPublished,
    /// Never.
    Hidden,
}

/// A test and what it is worth.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// The full name, such as `2A::initial_election`.
    pub(crate) test: String,
    pub(crate) stage: String,
    pub(crate) title: String,
    pub(crate) points: f64,
    /// The full names of the tests that it needs.
    pub(crate) needs: Vec<String>,
    pub(crate) bands: Vec<Band>,
    pub(crate) visibility: Visibility,
}

impl Rubric {
    /// Reads and checks a rubric.
    ///
    /// # Errors
    ///
    /// What is wrong, with file and line.
    pub(crate) fn load(path: &Path, tests: &[TestInfo]) -> Result<Self, String> {
        let text = read_text(path, LIMIT).map_err(|problem| format!("the rubric: {problem}"))?;
        Rubric::parse(&text, tests).map_err(|(position, problem)| {
            let line = 1 + text[..position.min(text.len())].matches('\n').count();
            format!("{}:{line}: {problem}", path.display())
        })
    }

    fn parse(text: &str, tests: &[TestInfo]) -> Result<Self, Problem> {
        let mut rubric: Rubric = toml::from_str(text).map_err(|error| {
            let position = error.span().map_or(0, |span| span.start);
            (position, error.message().trim().to_owned())
        })?;
        rubric.hash = hex(&Sha256::digest(text.as_bytes())[..8]);
        rubric.check(tests)?;
        Ok(rubric)
    }

    fn check(&self, tests: &[TestInfo]) -> Result<(), Problem> {
        if *self.version.get_ref() != 1 {
            let problem = "this program reads only version 1".to_owned();
            return Err((self.version.span().start, problem));
        }
        check_bands(&self.bands).map_err(|problem| (0, problem))?;
        self.stage.iter().try_for_each(|(stage, content)| content.check(stage, tests))
    }

    /// The tests of these stages, or of all stages if none is named, in the order of the labs.
    ///
    /// # Errors
    ///
    /// If a stage is not in the rubric.
    pub(crate) fn items(&self, stages: &[String], tests: &[TestInfo]) -> Result<Vec<Item>, String> {
        stages.iter().try_for_each(|stage| self.check_known(stage))?;
        let is_asked = |test: &&TestInfo| stages.is_empty() || stages.contains(&test.stage);
        Ok(tests.iter().filter(is_asked).filter_map(|test| self.item(test)).collect())
    }

    fn check_known(&self, stage: &str) -> Result<(), String> {
        if self.stage.contains_key(stage) {
            return Ok(());
        }
        let known: Vec<&str> = self.stage.keys().map(|stage| stage.get_ref().as_str()).collect();
        Err(format!("stage {stage} is not in the rubric, which has {}", known.join(", ")))
    }

    /// A test with its points; `None` if its stage is not in the rubric.
    fn item(&self, test: &TestInfo) -> Option<Item> {
        let stage = self.stage.get(test.stage.as_str())?;
        let own = stage.tests.get(short_name(&test.test))?;
        let full = |name: &Spanned<String>| format!("{}::{}", test.stage, name.get_ref());
        Some(Item {
            test: test.test.clone(),
            stage: test.stage.clone(),
            title: test.title.clone(),
            points: own.points,
            needs: own.needs.iter().map(full).collect(),
            bands: own.bands.as_ref().unwrap_or(&self.bands).clone(),
            visibility: own.visibility.unwrap_or(self.visibility),
        })
    }
}

impl StageRubric {
    fn check(&self, stage: &Spanned<String>, tests: &[TestInfo]) -> Result<(), Problem> {
        let position = stage.span().start;
        let stage = stage.get_ref();
        let own = tests.iter().filter(|test| test.stage == *stage);
        let names: Vec<&str> = own.map(|test| short_name(&test.test)).collect();
        if names.is_empty() {
            return Err((position, format!("there is no stage {stage}")));
        }
        self.check_all_listed(stage, &names).map_err(|problem| (position, problem))?;
        for (name, test) in &self.tests {
            test.check(name, &names, stage)?;
        }
        self.check_sum(stage)
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
    fn check(&self, name: &Spanned<String>, known: &[&str], stage: &str) -> Result<(), Problem> {
        let position = name.span().start;
        let name = name.get_ref();
        if !known.contains(&name.as_str()) {
            return Err((position, format!("stage {stage} has no test {name}")));
        }
        check_points(self.points, name).map_err(|problem| (position, problem))?;
        if let Some(bands) = &self.bands {
            check_bands(bands).map_err(|problem| (position, format!("{name}: {problem}")))?;
        }
        self.needs.iter().try_for_each(|need| check_need(need, name, known, stage))
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

impl Item {
    /// The share of the points that a pass rate earns.
    pub(crate) fn earned(&self, rate: f64) -> f64 {
        let reached = self.bands.iter().find(|band| rate >= band.at_least);
        reached.map_or(0.0, |band| band.earns)
    }
}

fn check_points(points: f64, what: &str) -> Result<(), String> {
    // A number that is none is in no range.
    if (0.0..=MOST_POINTS).contains(&points) {
        return Ok(());
    }
    Err(format!("{what} cannot be worth {points} points: write a number from 0 to {MOST_POINTS}"))
}

fn check_bands(bands: &[Band]) -> Result<(), String> {
    let in_range = |share: f64| (0.0..=1.0).contains(&share);
    if bands.is_empty() {
        return Err("there are no bands, so nothing would earn points".to_owned());
    }
    if !bands.iter().all(|band| in_range(band.at_least) && in_range(band.earns)) {
        return Err("the numbers in a band must be between 0 and 1".to_owned());
    }
    if bands.iter().any(|band| band.at_least == 0.0 && band.earns > 0.0) {
        return Err("a band with at_least = 0 must earn nothing".to_owned());
    }
    let falls =
        |pair: &[Band]| pair[0].at_least > pair[1].at_least && pair[0].earns >= pair[1].earns;
    if bands.windows(2).all(falls) {
        Ok(())
    } else {
        Err("bands must be sorted from the highest pass rate to the lowest".to_owned())
    }
}

/// The name of a test within its stage.
fn short_name(test: &str) -> &str {
    test.split_once("::").map_or(test, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use records::TestInfo;

    use super::Rubric;

    const GOOD: &str = "version = 1
[[bands]]
at_least = 1.0
earns = 1.0
[[bands]]
at_least = 0.5
earns = 0.25
[stage.2A]
points = 3
tests.a = { points = 1 }
tests.b = { points = 2, needs = [\"a\"] }
";

    fn tests() -> Vec<TestInfo> {
        let info = |test: &str| TestInfo {
            test: test.to_owned(),
            stage: "2A".to_owned(),
            title: String::new(),
            limit_seconds: 1,
        };
        ["2A::a", "2A::b"].map(info).to_vec()
    }

    #[test]
    fn bands_decide_what_a_pass_rate_earns() {
        let rubric = Rubric::parse(GOOD, &tests()).expect("the rubric is valid");
        let items = rubric.items(&[], &tests()).expect("all stages");
        let earned: Vec<f64> = [1.0, 0.99, 0.5, 0.49].map(|rate| items[0].earned(rate)).to_vec();
        assert_eq!(earned, [1.0, 0.25, 0.25, 0.0]);
        assert_eq!(items[1].needs, ["2A::a"]);
    }

    #[test]
    fn points_are_numbers_that_add_up() {
        for points in ["nan", "inf", "-inf", "-1", "1e300"] {
            for place in ["points = 3", "points = 1"] {
                let text = GOOD.replace(place, &format!("points = {points}"));
                let found = Rubric::parse(&text, &tests()).map(|_| ()).map_err(|(_, found)| found);
                let problem = found.expect_err("it is refused");
                assert!(problem.contains("cannot be worth"), "{points}: {problem}");
            }
        }
        for band in ["nan", "inf", "-0.5"] {
            for field in ["at_least = 0.5", "earns = 0.25"] {
                let name = field.split(' ').next().unwrap_or_default();
                let text = GOOD.replace(field, &format!("{name} = {band}"));
                assert!(Rubric::parse(&text, &tests()).is_err(), "{name} = {band}");
            }
        }
    }

    #[test]
    fn an_endless_rubric_is_refused() {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let long = folder.path().join("rubric.toml");
        std::fs::write(&long, vec![b'#'; 2 << 20]).expect("the disk is writable");
        for (path, reason) in
            [(long.as_path(), "is larger than 1024 KiB"), ("/dev/zero".as_ref(), "is a device")]
        {
            let problem = Rubric::load(path, &tests()).map(|_| ()).expect_err("it is refused");
            assert!(problem.contains(reason), "{problem}");
        }
    }

    #[test]
    fn problems_are_reported_with_their_place() {
        for (from, to, problem) in [
            (
                "tests.b",
                "tests.c",
                "stage 2A does not list the test b (write points = 0 if it earns nothing)",
            ),
            ("tests.b", "tests.c = { points = 0 }\ntests.b", "stage 2A has no test c"),
            ("[stage.2A]", "[stage.9Z]", "there is no stage 9Z"),
            ("points = 3", "points = 4", "the tests of stage 2A add up to 3, not 4"),
            ("\"a\"]", "\"b\"]", "b can need only a test before it in stage 2A, not b"),
            ("at_least = 0.5", "at_least = 1.5", "the numbers in a band must be between 0 and 1"),
            (
                "at_least = 0.5",
                "at_least = 1.0",
                "bands must be sorted from the highest pass rate to the lowest",
            ),
            ("version = 1", "version = 2", "this program reads only version 1"),
        ] {
            let found = Rubric::parse(&GOOD.replace(from, to), &tests());
            assert_eq!(found.err().map(|(_, found)| found), Some(problem.to_owned()));
        }
        let misspelt = Rubric::parse(&GOOD.replace("earns = 0.25", "ears = 0.25"), &tests());
        let (position, problem) = misspelt.expect_err("it is refused");
        assert!(problem.contains("ears"), "{problem}");
        assert_eq!(GOOD[..position].matches('\n').count() + 1, 7);
    }
}
