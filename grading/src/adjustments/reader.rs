//! Reading the file of the adjustments.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::adjustment::{Adjustment, Change};
use crate::foreign::Foreign;
use crate::points::MOST_POINTS;
use crate::toml_file::Problem;

/// The largest factor. What is larger is a percentage, most likely.
const LARGEST_FACTOR: f64 = 2.0;

/// The most days that somebody is late.
const MOST_DAYS: f64 = 1000.0;

/// Reads a file and notes all that is wrong.
pub(super) struct Reader<'a> {
    pub(super) students: &'a BTreeSet<&'a str>,
    /// Whether the rubric says what handing in late costs.
    pub(super) has_late: bool,
    pub(super) problems: Vec<Problem>,
}

impl Reader<'_> {
    /// The adjustments by student.
    pub(super) fn file(&mut self, content: &DeTable<'_>) -> BTreeMap<String, Vec<Adjustment>> {
        let mut found = BTreeMap::new();
        for (key, value) in content {
            match (key.get_ref().as_ref(), value.get_ref().as_table()) {
                ("student", Some(students)) => found = self.students(students),
                (other, _) => {
                    self.note(
                        key.span().start,
                        format!("unknown \"{other}\": write [[student.NAME]]"),
                    );
                }
            }
        }
        found
    }

    fn students(&mut self, students: &DeTable<'_>) -> BTreeMap<String, Vec<Adjustment>> {
        let mut found = BTreeMap::new();
        for (name, value) in students {
            let (student, position) = (name.get_ref().to_string(), name.span().start);
            if !self.students.contains(student.as_str()) {
                let problem =
                    format!("there are no results of a student \"{student}\": check the name");
                self.note(position, problem);
            }
            found.insert(student, self.entries(value, position));
        }
        found
    }

    /// The adjustments of one student. The position of a table may be unknown, so that its student's is given.
    fn entries(&mut self, value: &Spanned<DeValue<'_>>, position: usize) -> Vec<Adjustment> {
        let tables: Vec<(&DeTable<'_>, usize)> = match value.get_ref() {
            DeValue::Table(table) => vec![(table, position)],
            DeValue::Array(array)
                if !array.is_empty() && array.iter().all(|entry| entry.get_ref().is_table()) =>
            {
                array
                    .iter()
                    .filter_map(|entry| {
                        Some((entry.get_ref().as_table()?, entry.span().start.max(position)))
                    })
                    .collect()
            }
            _ => {
                self.note(
                    position,
                    "write [[student.NAME]], and a change and its reason below it".to_owned(),
                );
                Vec::new()
            }
        };
        let found: Vec<Adjustment> = tables
            .into_iter()
            .filter_map(|(table, position)| self.entry(table, position))
            .collect();
        let is_late = |found: &&Adjustment| matches!(found.change, Change::LateDays(_));
        if found.iter().filter(is_late).count() > 1 {
            self.note(
                position,
                "late_days is there twice for one student: add the days up".to_owned(),
            );
        }
        found
    }

    fn entry(&mut self, table: &DeTable<'_>, position: usize) -> Option<Adjustment> {
        let before = self.problems.len();
        let mut changes = Vec::new();
        let mut reason = None;
        for (key, value) in table {
            let position = key.span().start;
            match key.get_ref().as_ref() {
                "reason" => match value.get_ref().as_str().map(str::trim) {
                    Some(text) if !text.is_empty() => reason = Some(Foreign::new(text)),
                    _ => self.note(position, "the reason must be a text that is not empty".to_owned()),
                },
                name @ ("points" | "factor" | "late_days") => {
                    changes.push(self.change(name, value.get_ref(), position));
                }
                other => self.note(
                    position,
                    format!("unknown \"{other}\": an adjustment has points, factor or late_days, and a reason"),
                ),
            }
        }
        if changes.len() != 1 {
            let problem = "an adjustment has exactly one of points, factor and late_days: write [[student.NAME]] \
                           for each";
            self.note(position, problem.to_owned());
        }
        if reason.is_none() && !table.contains_key("reason") {
            self.note(position, "the reason is missing, which the student reads".to_owned());
        }
        if self.problems.len() > before {
            return None;
        }
        Some(Adjustment { change: changes.pop()??, reason: reason? })
    }

    fn change(&mut self, name: &str, value: &DeValue<'_>, position: usize) -> Option<Change> {
        let (low, high) = match name {
            "points" => (-MOST_POINTS, MOST_POINTS),
            "factor" => (0.0, LARGEST_FACTOR),
            _ => (0.0, MOST_DAYS),
        };
        // A number that is none is in no range.
        let number = number(value).filter(|number| (low..=high).contains(number));
        let whole = |number: &f64| name != "late_days" || number.fract() == 0.0;
        let Some(number) = number.filter(whole) else {
            let kind = if name == "late_days" { "whole number" } else { "number" };
            self.note(position, format!("{name} must be a {kind} from {low} to {high}"));
            return None;
        };
        match name {
            "points" => Some(Change::Points(number)),
            "factor" => Some(Change::Factor(number)),
            _ if self.has_late => Some(Change::LateDays(number as u32)),
            _ => {
                let problem = "the rubric does not say what late_days cost: add [late] to it, or name another one with --rubric";
                self.note(position, problem.to_owned());
                None
            }
        }
    }

    fn note(&mut self, position: usize, problem: String) {
        self.problems.push((position, problem));
    }
}

/// A number that is written with decimal digits.
fn number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
        DeValue::Float(float) => float.as_str().parse().ok(),
        _ => None,
    }
}
