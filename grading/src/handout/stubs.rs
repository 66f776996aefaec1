//! What the tests say of a handout, before anybody has built anything.

use std::collections::{BTreeMap, BTreeSet};

use records::{Class, Record};

/// How long a test may take to fail on the stubs, in seconds.
const FAST: f64 = 10.0;

/// What students build in a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Asked {
    /// Something that says "not implemented" until they have.
    Functions,
    /// Statements within what earlier stages ask for, which do not fail if they are not there. In 2C it is one: a Raft
    /// that does not save passes tests in which no server restarts.
    Statements,
    /// Nothing but what earlier stages ask for.
    Nothing,
}

/// Every test of a stage that is cut fails because its solution is not there, as far as it asks for one; the others pass
/// if nothing below them is cut. Returns how many fail.
///
/// # Errors
///
/// The first test that does something else, or takes long.
pub(super) fn check_stubs(
    records: &[Record],
    cut: &BTreeSet<String>,
    asked: &dyn Fn(&str) -> Asked,
) -> Result<usize, String> {
    if let Some(slow) = records.iter().find(|record| record.wall_seconds > FAST) {
        return Err(format!("{} takes {:.1} s on the stubs", slow.test, slow.wall_seconds));
    }
    let mut by_stage: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        by_stage.entry(&record.stage).or_default().push(record);
    }
    for (stage, records) in &by_stage {
        check_stage(stage, records, cut, asked(stage))?;
    }
    Ok(records.iter().filter(|record| record.class != Class::Pass).count())
}

fn check_stage(
    stage: &str,
    records: &[&Record],
    cut: &BTreeSet<String>,
    asked: Asked,
) -> Result<(), String> {
    let failed = records.iter().filter(|record| record.class != Class::Pass).count();
    // Without the first stage of its lab, no server starts.
    let lab = stage.chars().take(1);
    let is_first_cut = cut.contains(&lab.chain(['A']).collect::<String>());
    match (cut.contains(stage), asked) {
        (false, _) if has_all_below(stage, cut) && failed > 0 => {
            Err(format!("{failed} tests of {stage} fail, though its solution is in"))
        }
        (false, _) => Ok(()),
        (true, Asked::Statements) if !is_first_cut && failed == 0 => {
            Err(format!("no test of stage {stage} fails without its solution"))
        }
        (true, Asked::Statements | Asked::Nothing) if !is_first_cut => Ok(()),
        (true, _) => records.iter().try_for_each(|record| check_stub(record)),
    }
}

fn check_stub(record: &Record) -> Result<(), String> {
    if record.class == Class::Panic && record.seen.contains(": not implemented: ") {
        return Ok(());
    }
    let (test, seen) = (&record.test, &record.seen);
    let seen = match record.class {
        Class::Pass => "it passes".to_owned(),
        class => format!("{}: {seen}", class.describe()),
    };
    Err(format!("{test} should say \"not implemented\" on the stubs, but {seen}"))
}

/// Whether the solutions of all stages before this one are in.
fn has_all_below(stage: &str, cut: &BTreeSet<String>) -> bool {
    cut.iter().all(|cut| cut.as_str() >= stage)
}

#[cfg(test)]
mod tests {
    use records::Record;

    use super::{Asked, check_stubs};

    /// What is said of tests of 2D and 2E, which end in these ways while these stages are cut.
    fn check(cut: &[&str], asked: Asked, ends: [&str; 2]) -> Result<usize, String> {
        let record = |(stage, end): (&str, &str)| -> Record {
            let (class, seen) = if end == "pass" { ("pass", "") } else { ("panic", end) };
            let text = format!(
                "{{\"test\":\"{stage}::x\",\"stage\":\"{stage}\",\"seed\":\"0x1\",\"clock\":\"sim\",\
                 \"class\":\"{class}\",\"wall_seconds\":1,\"seen\":\"{seen}\"}}"
            );
            serde_json::from_str(&text).expect("it is a record")
        };
        let records: Vec<Record> = ["2D", "2E"].into_iter().zip(ends).map(record).collect();
        let cut = cut.iter().map(|stage| (*stage).to_owned()).collect();
        let asks = |stage: &str| if stage == "2E" { asked } else { Asked::Functions };
        check_stubs(&records, &cut, &asks)
    }

    const STUB: &str = "a.rs:1: not implemented: 2E: x";

    #[test]
    fn a_stage_that_asks_for_functions_says_so_in_every_test() {
        assert_eq!(check(&["2E"], Asked::Functions, ["pass", STUB]), Ok(1));
        let problem = "2E::x should say \"not implemented\" on the stubs, but it passes";
        assert_eq!(check(&["2E"], Asked::Functions, ["pass", "pass"]), Err(problem.to_owned()));
        assert!(check(&["2E"], Asked::Functions, ["pass", "other"]).is_err());
    }

    #[test]
    fn a_stage_that_asks_for_statements_fails() {
        assert_eq!(check(&["2E"], Asked::Statements, ["pass", "other"]), Ok(1));
        let problem = "no test of stage 2E fails without its solution";
        assert_eq!(check(&["2E"], Asked::Statements, ["pass", "pass"]), Err(problem.to_owned()));
    }

    #[test]
    fn a_stage_that_asks_for_nothing_may_pass() {
        assert_eq!(check(&["2E"], Asked::Nothing, ["pass", "pass"]), Ok(0));
        assert_eq!(check(&["2D", "2E"], Asked::Nothing, [STUB, "pass"]), Ok(1));
        assert!(check(&["2A", "2D", "2E"], Asked::Nothing, [STUB, "pass"]).is_err());
    }

    #[test]
    fn a_stage_whose_solution_is_in_passes() {
        let problem = "1 tests of 2D fail, though its solution is in";
        assert_eq!(check(&["2E"], Asked::Nothing, ["other", "pass"]), Err(problem.to_owned()));
        assert_eq!(check(&["2A"], Asked::Nothing, [STUB, STUB]), Ok(2));
    }
}
