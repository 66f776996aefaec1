//! How passes become a share of a test's points: in bands, or by a formula.

use serde::Deserialize;
use toml::Spanned;

use super::formula::Formula;
use crate::points::show_points;
use crate::toml_file::Problem;

/// A pass rate, and the share of the points that it earns.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Band {
    at_least: f64,
    earns: f64,
}

/// How passes become a share of a test's points.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Share {
    /// The first band that the pass rate reaches counts.
    Bands(Vec<Band>),
    /// The value of the formula.
    Formula(Formula),
}

/// What a rubric says about it, as a whole or for one test.
#[derive(Debug, Clone, Default)]
pub(super) struct ShareText {
    pub(super) bands: Option<Spanned<Vec<Band>>>,
    pub(super) formula: Option<Spanned<String>>,
}

impl ShareText {
    /// What is said; `None` if nothing is.
    ///
    /// # Errors
    ///
    /// If it is no share, or if there are both bands and a formula.
    pub(super) fn read(&self) -> Result<Option<Share>, Problem> {
        match (&self.bands, &self.formula) {
            (None, None) => Ok(None),
            (Some(bands), None) => match check_bands(bands.get_ref()) {
                Ok(()) => Ok(Some(Share::Bands(bands.get_ref().clone()))),
                Err(problem) => Err((bands.span().start, problem)),
            },
            (None, Some(formula)) => match Formula::parse(formula.get_ref()) {
                Ok(read) => Ok(Some(Share::Formula(read))),
                Err(problem) => Err((formula.span().start, problem)),
            },
            (Some(_), Some(formula)) => {
                let problem = "there are bands and a formula: leave one".to_owned();
                Err((formula.span().start, problem))
            }
        }
    }

    /// Checks what is said for every number of passes of this many runs, and returns it.
    ///
    /// # Errors
    ///
    /// As [`ShareText::read`], and if a formula gives what is no share; see [`Formula::check`].
    pub(super) fn checked(&self, runs: u64) -> Result<Option<Share>, Problem> {
        let share = self.read()?;
        if let (Some(Share::Formula(formula)), Some(text)) = (&share, &self.formula) {
            formula.check(runs).map_err(|problem| (text.span().start, problem))?;
        }
        Ok(share)
    }
}

impl Share {
    /// The rule in words, for students.
    pub(crate) fn describe(&self) -> String {
        let percent = |share: f64| format!("{} %", show_points(100.0 * share));
        match self {
            Share::Bands(bands) => {
                let mut bands =
                    bands.iter().map(|band| (percent(band.at_least), percent(band.earns)));
                let first = bands.next().map(|(rate, share)| {
                    format!("if at least {rate} of the runs pass, {share} of the points")
                });
                let others = bands.map(|(rate, share)| format!("at least {rate}, {share}"));
                first.into_iter().chain(others).collect::<Vec<_>>().join("; ")
            }
            Share::Formula(formula) => format!("this share of the points: {}", formula.text()),
        }
    }

    /// The share of the points that these passes of this many runs earn, from 0 to 1.
    pub(crate) fn earned(&self, passes: u64, runs: u64) -> f64 {
        match self {
            Share::Bands(bands) => {
                let rate = passes as f64 / runs as f64;
                let reached = bands.iter().find(|band| rate >= band.at_least);
                reached.map_or(0.0, |band| band.earns)
            }
            Share::Formula(formula) => formula.share(passes, runs),
        }
    }
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
