//! The stages of the labs.

use std::collections::BTreeSet;

use ::tests::case::Case;
use records::TestInfo;

use crate::tree::LABS;

/// Optional stages whose solutions need those of others.
const BUILD_ON: &[(&str, &str)] = &[("2F", "2E"), ("3C", "2E")];

/// All tests of all stages, in the order of the labs.
pub(crate) fn tests() -> Vec<TestInfo> {
    ::tests::suites::all().iter().map(Case::info).collect()
}

/// What a handout leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    /// The stages whose solutions it leaves out.
    pub(crate) stages: BTreeSet<String>,
    /// Those of them that it does not ask for either: it has no stubs of them.
    pub(crate) unasked: BTreeSet<String>,
}

impl Cut {
    /// The solutions of all stages, and every stage is asked for.
    pub(crate) fn all() -> Self {
        Cut { stages: all(), unasked: BTreeSet::new() }
    }

    /// Nothing but the optional stages: what is left is the solution of a course without them.
    pub(crate) fn optional() -> Self {
        let optional: BTreeSet<String> = all().difference(&required()).cloned().collect();
        Cut { stages: optional.clone(), unasked: optional }
    }
}

/// All stages: those that have tests, in order.
pub(crate) fn all() -> BTreeSet<String> {
    ::tests::suites::all().iter().map(|case| case.stage.to_owned()).collect()
}

/// The stages that every course has, in order.
pub(crate) fn required() -> BTreeSet<String> {
    let cases = ::tests::suites::all();
    let required = cases.iter().filter(|case| !case.optional);
    required.map(|case| case.stage.to_owned()).collect()
}

/// Whether there is a stage of this name.
pub(crate) fn exists(stage: &str) -> bool {
    all().contains(stage)
}

/// What to say about a stage that does not exist.
pub(crate) fn unknown(stage: &str) -> String {
    if stage.contains([' ', ';']) {
        return format!("unknown stage \"{stage}\"; separate stages with commas, as in 2A,2B");
    }
    let all = Vec::from_iter(all()).join(", ");
    format!("unknown stage \"{stage}\"; the stages are {all}")
}

/// Reads the name of a stage from the command line.
///
/// # Errors
///
/// If there is no such stage.
pub(crate) fn parse(text: &str) -> Result<String, String> {
    if exists(text) { Ok(text.to_owned()) } else { Err(unknown(text)) }
}

/// What a handout leaves out.
///
/// Students write the stages in `assigned`; if it is empty, all but optional ones. The solutions in `solved` stay in.
/// If `solved` is empty, those of a lab stay in that come before its first assigned stage. Nothing else
/// stays in: neither later stages nor other labs. Of an optional stage that is in neither list, nothing is left.
///
/// # Errors
///
/// If a stage is both assigned and solved, or if one is in either list that needs another which is in none.
pub(crate) fn to_cut(assigned: &[String], solved: &[String]) -> Result<Cut, String> {
    if let Some(both) = assigned.iter().find(|stage| solved.contains(stage)) {
        return Err(format!("stage {both} is in --stages and in --with-solutions: leave one"));
    }
    let is_there = |stage: &str| assigned.iter().chain(solved).any(|other| other == stage);
    for (stage, needed) in BUILD_ON {
        if is_there(stage) && !is_there(needed) {
            return Err(format!(
                "stage {stage} builds on {needed}: add {needed} to --stages or to --with-solutions"
            ));
        }
    }
    let mut stages = all();
    let mut unasked = Cut::optional().unasked;
    unasked.retain(|stage| !is_there(stage));
    for lab in LABS {
        let first = assigned.iter().filter(|stage| lab.has(stage)).min();
        stages.retain(|stage| {
            let stays = match solved {
                [] => first.is_some_and(|first| stage < first) && !unasked.contains(stage),
                _ => solved.contains(stage),
            };
            !(lab.has(stage) && stays)
        });
    }
    Ok(Cut { stages, unasked })
}

#[cfg(test)]
mod tests {
    use super::{all, to_cut};
    use crate::tree::LABS;

    /// A course may have others, too.
    const STAGES: &[&str] = &["2A", "2B", "2C", "2D", "3A", "3B", "4A", "4B"];

    fn cut(assigned: &str, solved: &str) -> String {
        let list = |text: &str| -> Vec<String> {
            text.split(',').filter(|stage| !stage.is_empty()).map(str::to_owned).collect()
        };
        let cut = to_cut(&list(assigned), &list(solved)).expect("no stage is in both");
        let mut stages = cut.stages;
        stages.retain(|stage| STAGES.contains(&stage.as_str()));
        stages.into_iter().collect::<Vec<_>>().join(",")
    }

    #[test]
    fn a_handout_carries_no_solution_unless_it_is_asked_to() {
        assert_eq!(cut("", ""), "2A,2B,2C,2D,3A,3B,4A,4B");
        assert_eq!(cut("2A,2B,2C,2D", ""), "2A,2B,2C,2D,3A,3B,4A,4B");
        assert_eq!(cut("3A,3B", ""), "2A,2B,2C,2D,3A,3B,4A,4B");
        assert_eq!(cut("3A,3B", "2A,2B,2C,2D"), "3A,3B,4A,4B");
        assert_eq!(cut("", "2A,2B"), "2C,2D,3A,3B,4A,4B");
    }

    #[test]
    fn earlier_stages_of_the_same_lab_stay_solved() {
        assert_eq!(cut("2D", ""), "2D,3A,3B,4A,4B");
        assert_eq!(cut("2B,2C,2D", ""), "2B,2C,2D,3A,3B,4A,4B");
        assert_eq!(cut("2B", ""), "2B,2C,2D,3A,3B,4A,4B");
        assert_eq!(cut("2D,3B", ""), "2D,3B,4A,4B");
        assert_eq!(cut("2C,2D", "2A"), "2B,2C,2D,3A,3B,4A,4B");
    }

    #[test]
    fn every_stage_belongs_to_a_lab() {
        for stage in all() {
            let letter = stage.strip_prefix(|first| LABS.iter().any(|lab| lab.number == first));
            let is_letter = |rest: &str| matches!(rest.as_bytes(), [b'A'..=b'Z']);
            assert!(
                letter.is_some_and(is_letter),
                "{stage} is not the number of a lab in grading/src/tree.rs and a capital letter"
            );
        }
    }

    #[test]
    fn what_an_optional_stage_needs_must_be_there() {
        let (reads, leaders) = (["3C".to_owned()], ["2E".to_owned()]);
        let problem = "stage 3C builds on 2E: add 2E to --stages or to --with-solutions";
        assert_eq!(to_cut(&reads, &[]), Err(problem.to_owned()));
        assert!(to_cut(&reads, &leaders).is_ok() && to_cut(&leaders, &[]).is_ok());
    }

    #[test]
    fn no_stage_is_assigned_and_solved() {
        let both = ["2A".to_owned()];
        assert!(to_cut(&both, &both).is_err());
    }
}
