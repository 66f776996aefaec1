//! `result.json` of Classroom 50, in its schema `classroom50/result/v1`.

use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::class::{Class, Member};
use super::output::{Exported, check_free};
use crate::counted::counted;
use crate::files::write_private_file;
use crate::names::list;
use crate::report::{Seeds, StudentView};
use crate::results::Finding;

/// The longest name of an account on GitHub.
const LOGIN: usize = 39;

/// An export to Classroom 50.
pub(crate) struct Classroom50<'a> {
    /// The short name of the classroom.
    pub(crate) classroom: &'a str,
    /// The short name of the assignment.
    pub(crate) assignment: &'a str,
    /// When the grading ended.
    pub(crate) graded: SystemTime,
    /// Whether tests that are to be seen only later are listed.
    pub(crate) seeds: Seeds,
}

impl Classroom50<'_> {
    /// Writes a folder with a `result.json` for each student, in a folder named after the account on GitHub.
    ///
    /// # Errors
    ///
    /// If something cannot be written, or if `out` is there and not empty.
    pub(crate) fn export(&self, class: &Class, out: &Path) -> Result<Exported, String> {
        check_free(out)?;
        let members = class.members();
        let scale = scale(&members.graded);
        let mut left_out = members.left_out;
        let (known, unknown): (Vec<_>, Vec<_>) =
            members.graded.into_iter().partition(|member| is_login(self.owner(member)));
        for member in &known {
            let result = self.result(member, scale);
            let text = serde_json::to_string_pretty(&result).map_err(|error| error.to_string())?;
            write_private_file(&out.join(self.owner(member)).join("result.json"), text)?;
        }
        if !unknown.is_empty() {
            let names = list(unknown.iter().map(Member::name));
            left_out.push(format!("not named after an account on GitHub, so left out: {names}"));
        }
        let mut lines =
            vec![format!("{}: the results of {}", out.display(), counted(known.len(), "student"))];
        if scale > 1.0 {
            lines.push(
                "note: Classroom 50 has whole points, so these are hundredths of a point"
                    .to_owned(),
            );
        }
        Ok(Exported { lines, left_out })
    }

    /// The account that a submission is of. Classroom 50 calls repositories `CLASSROOM-ASSIGNMENT-ACCOUNT`.
    fn owner<'m>(&self, member: &Member<'m>) -> &'m str {
        let name = member.folder();
        let prefix = format!("{}-{}-", self.classroom, self.assignment);
        match name.get(..prefix.len()) {
            Some(start) if start.eq_ignore_ascii_case(&prefix) => &name[prefix.len()..],
            _ => name,
        }
    }

    fn result(&self, member: &Member<'_>, scale: f64) -> Value {
        let points = |points: f64| (points * scale).round().max(0.0) as u64;
        let result = member.result;
        let view = StudentView::of(result, self.seeds);
        let tests = view.result.tests.iter().map(|test| {
            json!({
                "test-name": format!("{}: {}", test.test, test.title),
                "passed": test.finding == Finding::Ok,
                "score": points(test.points),
                "max-score": points(test.possible),
            })
        });
        let time: DateTime<Utc> = self.graded.into();
        // Points that were not given by a run on GitHub have a tag of this kind.
        let tag = format!("submit/manual-{}", time.format("%Y-%m-%dT%H-%M-%SZ"));
        let time = time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        json!({
            "schema": "classroom50/result/v1",
            "classroom": self.classroom,
            "assignment": self.assignment,
            "assignment_type": "individual",
            "owner": self.owner(member),
            "submission": tag,
            "commit": tag,
            "release": tag,
            "review": tag,
            "datetime": time,
            "graded_at": time,
            "score": points(result.points),
            "max-score": points(result.possible.max(result.points)),
            "tests": tests.collect::<Vec<_>>(),
        })
    }
}

/// By how much points are multiplied, so that all of them are whole.
fn scale(members: &[Member<'_>]) -> f64 {
    let mut points = members.iter().flat_map(|member| {
        let tests = member.result.tests.iter().flat_map(|test| [test.points, test.possible]);
        [member.result.points, member.result.possible].into_iter().chain(tests)
    });
    if points.all(|points| points.fract() == 0.0) { 1.0 } else { 100.0 }
}

fn is_login(name: &str) -> bool {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    (1..=LOGIN).contains(&name.len()) && name.chars().all(is_allowed) && !name.starts_with('-')
}
