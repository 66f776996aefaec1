//! The file of the rubric.

use std::collections::BTreeMap;
use std::path::Path;

use records::TestInfo;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::item::Item;
use super::late::Late;
use super::share::{Band, Share, ShareText};
use super::shown::{Detail, Visibility};
use super::stage::{StageRubric, TestRubric};
use crate::toml_file::{Problem, TomlFile, syntax_problem};
use crate::tree::hex;

/// A rubric.
#[derive(Debug, Clone)]
pub(crate) struct Rubric {
    file: TomlFile,
    content: Content,
}

/// Identifies a rubric.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct RubricId {
    /// The name of its file.
    pub(crate) name: String,
    /// Identifies its text.
    pub(crate) hash: String,
}

/// What is in the file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: Spanned<u32>,
    bands: Option<Spanned<Vec<Band>>>,
    formula: Option<Spanned<String>>,
    #[serde(default)]
    visibility: Visibility,
    #[serde(default)]
    detail: Detail,
    late: Option<Spanned<Late>>,
    stage: BTreeMap<Spanned<String>, StageRubric>,
}

impl Rubric {
    /// Reads a rubric, and checks everything in it but the names of stages and tests. Formulas are checked with
    /// every number of passes of this many runs.
    ///
    /// # Errors
    ///
    /// All that is wrong, with file and lines.
    pub(crate) fn read(path: &Path, runs: u64) -> Result<Self, String> {
        Rubric::of(TomlFile::read(path, "the rubric")?, runs)
    }

    /// The rubric in this file; see [`Rubric::read`].
    pub(super) fn of(file: TomlFile, runs: u64) -> Result<Self, String> {
        let content: Result<Content, _> = toml::from_str(file.text());
        let content = content.map_err(|error| file.complaint(syntax_problem(&error)))?;
        let problems = content.problems(runs);
        if !problems.is_empty() {
            return Err(file.complaints(problems));
        }
        Ok(Rubric { file, content })
    }

    /// What identifies this rubric.
    pub(crate) fn id(&self) -> RubricId {
        let hash = hex(&Sha256::digest(self.file.text())[..8]);
        RubricId { name: self.file.name(), hash }
    }

    /// What handing in late costs, if the rubric says so.
    pub(crate) fn late(&self) -> Option<Late> {
        self.content.late.as_ref().map(|late| *late.get_ref())
    }

    /// The tests of these stages, in the order of the labs; if none is named, of all but optional ones.
    ///
    /// # Errors
    ///
    /// If stages are not in the rubric, or if the rubric does not list exactly the tests of its stages: all of that,
    /// with file and lines.
    pub(crate) fn items(&self, stages: &[String], tests: &[TestInfo]) -> Result<Vec<Item>, String> {
        let content = &self.content;
        let mut problems = content.wrong_names(tests);
        problems.extend(
            stages.iter().filter_map(|stage| content.check_known(stage).err()).map(|it| (0, it)),
        );
        if !problems.is_empty() {
            return Err(self.file.complaints(problems));
        }
        let is_asked = |test: &&TestInfo| {
            if stages.is_empty() { !test.optional } else { stages.contains(&test.stage) }
        };
        let items = tests.iter().filter(is_asked).filter_map(|test| content.item(test).transpose());
        items.collect::<Result<_, _>>().map_err(|problem| self.file.complaint(problem))
    }
}

impl Content {
    fn problems(&self, runs: u64) -> Vec<Problem> {
        let mut problems = Vec::new();
        if *self.version.get_ref() != 1 {
            let problem = "this program reads only version 1: write version = 1".to_owned();
            problems.push((self.version.span().start, problem));
        }
        match self.share().checked(runs) {
            Ok(Some(_)) => {}
            Ok(None) => {
                problems.push((0, "the rubric has neither bands nor a formula: add one".to_owned()))
            }
            Err(problem) => problems.push(problem),
        }
        if let Some(late) = &self.late
            && let Err(problem) = late.get_ref().check()
        {
            problems.push((late.span().start, problem));
        }
        for (stage, content) in &self.stage {
            problems.extend(content.problems(stage, runs, self.visibility));
        }
        problems
    }

    fn share(&self) -> ShareText {
        ShareText { bands: self.bands.clone(), formula: self.formula.clone() }
    }

    fn wrong_names(&self, tests: &[TestInfo]) -> Vec<Problem> {
        let of_stage = |(stage, content): (&Spanned<String>, &StageRubric)| {
            let own = tests.iter().filter(|test| test.stage == *stage.get_ref());
            let names: Vec<&str> = own.map(|test| short_name(&test.test)).collect();
            content.wrong_names(stage, &names)
        };
        self.stage.iter().flat_map(of_stage).collect()
    }

    fn check_known(&self, stage: &str) -> Result<(), String> {
        if self.stage.contains_key(stage) {
            return Ok(());
        }
        let known: Vec<&str> = self.stage.keys().map(|stage| stage.get_ref().as_str()).collect();
        Err(format!("stage {stage} is not in the rubric, which has {}", known.join(", ")))
    }

    /// A test with its points; `None` if its stage is not in the rubric.
    fn item(&self, test: &TestInfo) -> Result<Option<Item>, Problem> {
        let stage = self.stage.get(test.stage.as_str());
        let Some(own) = stage.and_then(|stage| stage.tests.get(short_name(&test.test))) else {
            return Ok(None);
        };
        let full = |name: &Spanned<String>| format!("{}::{}", test.stage, name.get_ref());
        Ok(Some(Item {
            test: test.test.clone(),
            stage: test.stage.clone(),
            title: test.title.clone(),
            points: own.points,
            needs: own.needs.iter().map(full).collect(),
            share: self.share_of(own)?,
            visibility: own.visibility.unwrap_or(self.visibility),
            detail: own.detail.unwrap_or(self.detail),
        }))
    }

    fn share_of(&self, test: &TestRubric) -> Result<Share, Problem> {
        let share = match test.share().read()? {
            Some(own) => Some(own),
            None => self.share().read()?,
        };
        Ok(share.unwrap_or(Share::Bands(Vec::new())))
    }
}

/// The name of a test within its stage.
fn short_name(test: &str) -> &str {
    test.split_once("::").map_or(test, |(_, name)| name)
}
