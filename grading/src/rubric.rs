//! What each test is worth.

use std::collections::BTreeMap;
use std::path::Path;

use records::TestInfo;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml::Spanned;

use crate::tree::hex;

/// Points by stage and test.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rubric {
    version: Spanned<u32>,
    /// What a share of passed runs earns; the first line that is reached counts.
    bands: Vec<Band>,
    #[serde(default)]
    visibility: Visibility,
    stage: BTreeMap<Spanned<String>, Stage>,
    /// Identifies the rubric's text.
    #[serde(skip)]
    pub(crate) hash: String,
}

/// A share of passed runs, and the share of points that it earns.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Band {
    at_least: f64,
    earns: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stage {
    points: Spanned<f64>,
    tests: BTreeMap<Spanned<String>, Worth>,
}

/// What a test is worth.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Worth {
    points: f64,
    /// Tests of the same stage without which this one is not judged.
    #[serde(default)]
    needs: Vec<Spanned<String>>,
    bands: Option<Vec<Band>>,
    visibility: Option<Visibility>,
}

/// When students see a result, in Gradescope's words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Visibility {
    /// At once.
    #[default]
    Visible,
    /// When nothing more can be handed in.
    AfterDueDate,
    /// When grades are out.
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
    /// Full names of tests without which this one is not judged.
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
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read the rubric {}: {error}", path.display()))?;
        Rubric::parse(&text, tests).map_err(|(position, problem)| {
            let line = 1 + text[..position.min(text.len())].matches('\n').count();
            format!("{}:{line}: {problem}", path.display())
        })
    }

    fn parse(text: &str, tests: &[TestInfo]) -> Result<Self, (usize, String)> {
        let mut rubric: Rubric = toml::from_str(text).map_err(|error| {
            let position = error.span().map_or(0, |span| span.start);
            (position, error.message().trim().to_owned())
        })?;
        rubric.hash = hex(&Sha256::digest(text.as_bytes())[..8]);
        rubric.check(tests)?;
        Ok(rubric)
    }

    fn check(&self, tests: &[TestInfo]) -> Result<(), (usize, String)> {
        if *self.version.get_ref() != 1 {
            return Err((self.version.span().start, "this program reads version 1".to_owned()));
        }
        check_bands(&self.bands).map_err(|problem| (0, problem))?;
        for (stage, content) in &self.stage {
            let position = stage.span().start;
            let stage = stage.get_ref();
            let own: Vec<&TestInfo> = tests.iter().filter(|test| test.stage == *stage).collect();
            if own.is_empty() {
                return Err((position, format!("there is no stage {stage}")));
            }
            let names: Vec<&str> = own.iter().map(|test| short_name(&test.test)).collect();
            let missing: Vec<&str> =
                names.iter().copied().filter(|name| !content.tests.contains_key(*name)).collect();
            if !missing.is_empty() {
                let missing = missing.join(", ");
                return Err((position, format!("stage {stage} says nothing of {missing}")));
            }
            for (name, worth) in &content.tests {
                worth.check(name, &names, stage)?;
            }
            let sum: f64 = content.tests.values().map(|worth| worth.points).sum();
            let points = content.points.get_ref();
            if (sum - points).abs() > 1e-6 {
                let problem = format!("the tests of stage {stage} add up to {sum}, not {points}");
                return Err((content.points.span().start, problem));
            }
        }
        Ok(())
    }

    /// The tests of these stages with what they are worth, in the order of the labs.
    ///
    /// # Errors
    ///
    /// If a stage is not in the rubric.
    pub(crate) fn items(&self, stages: &[String], tests: &[TestInfo]) -> Result<Vec<Item>, String> {
        for stage in stages {
            if !self.stage.contains_key(stage.as_str()) {
                let known: Vec<&str> =
                    self.stage.keys().map(|stage| stage.get_ref().as_str()).collect();
                return Err(format!(
                    "the rubric has no stage {stage}; it has {}",
                    known.join(", ")
                ));
            }
        }
        let is_asked = |stage: &String| stages.is_empty() || stages.contains(stage);
        let mut items = Vec::new();
        for test in tests.iter().filter(|test| is_asked(&test.stage)) {
            let stage = self.stage.get(test.stage.as_str());
            let Some(worth) = stage.and_then(|stage| stage.tests.get(short_name(&test.test)))
            else {
                continue;
            };
            let full = |name: &Spanned<String>| format!("{}::{}", test.stage, name.get_ref());
            items.push(Item {
                test: test.test.clone(),
                stage: test.stage.clone(),
                title: test.title.clone(),
                points: worth.points,
                needs: worth.needs.iter().map(full).collect(),
                bands: worth.bands.clone().unwrap_or_else(|| self.bands.clone()),
                visibility: worth.visibility.unwrap_or(self.visibility),
            });
        }
        Ok(items)
    }
}

impl Worth {
    fn check(
        &self,
        name: &Spanned<String>,
        known: &[&str],
        stage: &str,
    ) -> Result<(), (usize, String)> {
        let position = name.span().start;
        let name = name.get_ref();
        if !known.contains(&name.as_str()) {
            return Err((position, format!("stage {stage} has no test {name}")));
        }
        if !self.points.is_finite() || self.points < 0.0 {
            return Err((position, format!("{name} cannot be worth {} points", self.points)));
        }
        if let Some(bands) = &self.bands {
            check_bands(bands).map_err(|problem| (position, format!("{name}: {problem}")))?;
        }
        for need in &self.needs {
            // A test that comes later in the list could make a circle.
            let place = |name: &str| known.iter().position(|known| *known == name);
            if place(need.get_ref()).is_none_or(|at| Some(at) >= place(name)) {
                let problem = format!(
                    "{name} can need only a test before it in {stage}, not {}",
                    need.get_ref()
                );
                return Err((need.span().start, problem));
            }
        }
        Ok(())
    }
}

impl Item {
    /// The share of points that a share of passed runs earns.
    pub(crate) fn earned(&self, rate: f64) -> f64 {
        let reached = self.bands.iter().find(|band| rate >= band.at_least);
        reached.map_or(0.0, |band| band.earns)
    }
}

fn check_bands(bands: &[Band]) -> Result<(), String> {
    let in_range = |share: f64| (0.0..=1.0).contains(&share);
    if bands.is_empty() {
        return Err("there are no bands: nothing would earn points".to_owned());
    }
    if !bands.iter().all(|band| in_range(band.at_least) && in_range(band.earns)) {
        return Err("shares in bands go from 0 to 1".to_owned());
    }
    if bands.iter().any(|band| band.at_least == 0.0 && band.earns > 0.0) {
        return Err("a band that no run at all reaches must earn nothing".to_owned());
    }
    let falls =
        |pair: &[Band]| pair[0].at_least > pair[1].at_least && pair[0].earns >= pair[1].earns;
    if bands.windows(2).all(falls) {
        Ok(())
    } else {
        Err("bands go from the highest share to the lowest".to_owned())
    }
}

/// The name of a test within its stage.
pub(crate) fn short_name(test: &str) -> &str {
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
    fn bands_decide_what_a_rate_earns() {
        let rubric = Rubric::parse(GOOD, &tests()).expect("it is good");
        let items = rubric.items(&[], &tests()).expect("all stages");
        let earned: Vec<f64> = [1.0, 0.99, 0.5, 0.49].map(|rate| items[0].earned(rate)).to_vec();
        assert_eq!(earned, [1.0, 0.25, 0.25, 0.0]);
        assert_eq!(items[1].needs, ["2A::a"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (from, to, problem) in [
            ("tests.b", "tests.c", "stage 2A says nothing of b"),
            ("tests.b", "tests.c = { points = 0 }\ntests.b", "stage 2A has no test c"),
            ("[stage.2A]", "[stage.9Z]", "there is no stage 9Z"),
            ("points = 3", "points = 4", "the tests of stage 2A add up to 3, not 4"),
            ("\"a\"]", "\"b\"]", "b can need only a test before it in 2A, not b"),
            ("at_least = 0.5", "at_least = 1.5", "shares in bands go from 0 to 1"),
            ("at_least = 0.5", "at_least = 1.0", "bands go from the highest share to the lowest"),
            ("version = 1", "version = 2", "this program reads version 1"),
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
