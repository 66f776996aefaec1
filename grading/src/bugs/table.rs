//! The results on a terminal.

use super::bug::Excuse;
use super::tally::{Finding, Headline, Tally};
use super::worth::worth;
use crate::counted::counted;
use crate::foreign::Foreign;

/// The width of a line.
const COLUMNS: usize = 80;

/// The lines of one bug: what was counted, and the commonest failure.
pub(crate) fn row(tally: &Tally) -> String {
    let finding = tally.finding();
    let of = |count: usize| format!("{count}/{}", finding.seeds);
    let counts = format!(
        "{:<42} {}  reached {:>5}  noticed {:>5}  {}",
        finding.bug.name,
        finding.bug.stage,
        of(finding.reached),
        of(finding.noticed),
        if finding.is_well() { "ok" } else { "!!" },
    );
    let about = shorten(&about(&finding), COLUMNS - 4);
    if about.is_empty() { counts } else { format!("{counts}\n    {about}") }
}

/// What is to be said of a bug, in one line.
fn about(finding: &Finding<'_>) -> String {
    if let Some(problem) = finding.problem {
        return Foreign::new(problem).line();
    }
    if finding.faults > 0 {
        return format!("the harness has failed in {}", counted(finding.faults, "run"));
    }
    match (&finding.headline, &finding.bug.excuse) {
        (Some(headline), _) => match finding.unsaid() {
            Some(unsaid) => format!("does not say \"{unsaid}\": {}", show(headline)),
            None => show(headline),
        },
        (None, Some(Excuse::Seldom(reason))) => format!("seldom: {reason}"),
        (None, Some(Excuse::Harmless(reason))) => format!("harmless: {reason}"),
        (None, None) => String::new(),
    }
}

/// A failure in one line.
pub(super) fn show(headline: &Headline<'_>) -> String {
    let Headline { test, class, expected, seen } = headline;
    let text = format!("{test}: {}: expected {expected} / {seen}", class.describe());
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    Foreign::new(lines.join("; ")).line()
}

fn shorten(text: &str, columns: usize) -> String {
    match text.char_indices().nth(columns) {
        Some(_) => text.chars().take(columns - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// A line for each test: the bugs that it notices, and what it costs.
pub(crate) fn tests(tallies: &[Tally]) -> String {
    let mut lines = vec![format!("{:<52} notices  alone  CPU", "test")];
    lines.extend(worth(tallies).iter().map(|test| {
        let (name, alone) = (&test.test, test.alone.len());
        format!("{name:<52} {:>7} {alone:>6} {:>5.2} s", test.notices, test.cpu_seconds)
    }));
    lines.join("\n")
}

/// The last lines: how many bugs are noticed reliably, and which are missed or noticed without the words that must be
/// said of them.
pub(crate) fn summary(tallies: &[Tally]) -> String {
    let findings: Vec<Finding<'_>> = tallies.iter().map(Tally::finding).collect();
    let names = |is_one: fn(&Finding<'_>) -> bool| -> Vec<&str> {
        findings.iter().filter(|it| is_one(it)).map(|it| it.bug.name.as_str()).collect()
    };
    let noticed = names(|it| !it.is_missed() && it.bug.excuse.is_none());
    let excused = names(|it| it.bug.excuse.is_some());
    let missed = names(|it| it.is_missed());
    let unsaid = names(|it| !it.is_missed() && it.unsaid().is_some());
    let mut text = format!(
        "{}: noticed with three seeds of four or more: {}; need not be: {}; missed: {}",
        counted(findings.len(), "bug"),
        noticed.len(),
        excused.len(),
        missed.len(),
    );
    for name in missed {
        text.push_str(&format!("\n  {name}"));
    }
    if !unsaid.is_empty() {
        text.push_str(&format!(
            "\n{} are noticed, but not with the words they must be:",
            unsaid.len()
        ));
    }
    for name in unsaid {
        text.push_str(&format!("\n  {name}"));
    }
    text
}

#[cfg(test)]
mod tests_of_lines {
    use super::super::tally::tests::tally;
    use super::{row, summary, tests};

    #[test]
    fn a_row_fits_on_a_terminal() {
        let name = "a-name-that-is-rather-long-for-such-a-bug";
        let row = row(&tally(name, "", &["PF", "PF", ".F", ".."]));
        let expected = "\
a-name-that-is-rather-long-for-such-a-bug  2A  reached   3/4  noticed   3/4  ok
    2A::test_0: panic: expected one leader in each term / what P sees";
        assert_eq!(row, expected);
        assert!(row.lines().all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn a_long_headline_is_shortened() {
        assert_eq!(super::shorten("abcdef", 4), "abc…");
        assert_eq!(super::shorten("abcd", 4), "abcd");
    }

    #[test]
    fn the_summary_names_what_is_missed() {
        let tallies = [
            tally("found", "", &["F"]),
            tally("missed", "", &["r"]),
            tally("rare", "Seldom: chance\n", &["."]),
        ];
        let expected = "3 bugs: noticed with three seeds of four or more: 1; need not be: 1; \
                        missed: 1\n  missed";
        assert_eq!(summary(&tallies), expected);
        assert!(row(&tallies[2]).ends_with("  ok\n    seldom: chance"));
        assert!(tests(&tallies).lines().all(|line| line.chars().count() <= 80));
    }

    #[test]
    fn the_summary_tells_what_is_not_said_from_what_is_missed() {
        let tallies = [
            tally("said", "Says: what F sees\n", &["F"]),
            tally("unsaid", "Says: what F sees\n", &["P"]),
            tally("missed", "Says: what F sees\n", &["r"]),
        ];
        let expected = "3 bugs: noticed with three seeds of four or more: 2; need not be: 0; \
                        missed: 1\n  missed\n1 are noticed, but not with the words they must be:\n  unsaid";
        assert_eq!(summary(&tallies), expected);
    }
}
