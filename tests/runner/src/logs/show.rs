//! The logs in lines for the terminal.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use recording::Event;

use super::known::{Log, Logs};

/// How long a log is in a line at most; of a longer one its end is shown.
const LONGEST: usize = 46;

/// More lines than these say too little for their room.
const LINES: usize = 7;

/// What the numbers of servers stand under.
const HEADING: &str = "server";

/// The logs of all servers, a line for those that are alike. Empty if nothing is known of any entry, or if there are too
/// many different ones.
pub(crate) fn describe(events: &[Event]) -> String {
    let Some(logs) = Logs::of(events) else {
        return String::new();
    };
    let mut lines: BTreeMap<u64, (Vec<String>, String)> = BTreeMap::new();
    if logs.servers.values().all(|log| log.terms.is_empty()) {
        return String::new();
    }
    for (name, log) in &logs.servers {
        let number = name.rsplit('-').next().unwrap_or_default();
        let text = line(log);
        match lines.values_mut().find(|(_, other)| *other == text) {
            Some((numbers, _)) => numbers.push(number.to_owned()),
            None => {
                let place = number.parse().unwrap_or(u64::MAX);
                lines.insert(place, (vec![number.to_owned()], text));
            }
        }
    }
    if lines.len() > LINES {
        return String::new();
    }
    let lines: Vec<(String, String)> =
        lines.into_values().map(|(numbers, line)| (numbers.join(", "), line)).collect();
    let width =
        lines.iter().map(|(numbers, _)| numbers.len()).max().unwrap_or(0).max(HEADING.len());
    let mut text = format!(
        "{HEADING:<width$}  log as index:term, and commit index, as far as messages tell\n"
    );
    for (numbers, line) in lines {
        let _ = writeln!(text, "{numbers:<width$}  {line}");
    }
    text
}

fn line(log: &Log) -> String {
    let commit = log.commit.map_or("?".to_owned(), |commit| commit.to_string());
    format!("{:<30}  commit {commit}", entries(log))
}

/// The entries in runs of equal terms, such as `1-5:1 6-9:4`. An entry that was applied has a term, known or not. The
/// indexes are whatever a submission says, so that only those with a known term may be counted one by one.
fn entries(log: &Log) -> String {
    let mut runs: Vec<Run> = Vec::new();
    let mut previous = (log.applied > 0).then_some(0);
    for (&index, &term) in &log.terms {
        if let Some(previous) = previous
            && previous + 1 < index
        {
            runs.push(Run { start: previous + 1, end: index - 1, term: None });
        }
        match runs.last_mut() {
            Some(run) if run.term == Some(term) => run.end = index,
            _ => runs.push(Run { start: index, end: index, term: Some(term) }),
        }
        previous = Some(index);
    }
    if let Some(previous) = previous
        && previous < log.applied
    {
        runs.push(Run { start: previous + 1, end: log.applied, term: None });
    }
    let all = runs.iter().map(Run::to_string).collect::<Vec<_>>().join(" ");
    if all.is_empty() { "?".to_owned() } else { with_its_end(&all) }
}

/// Entries of one term, which may be unknown.
struct Run {
    start: u64,
    end: u64,
    term: Option<u64>,
}

impl fmt::Display for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let term = self.term.map_or("?".to_owned(), |term| term.to_string());
        match self.end == self.start {
            true => write!(formatter, "{}:{term}", self.start),
            false => write!(formatter, "{}-{}:{term}", self.start, self.end),
        }
    }
}

fn with_its_end(all: &str) -> String {
    if all.len() <= LONGEST {
        return all.to_owned();
    }
    let end = &all[all.len() - LONGEST + 2..];
    format!("… {}", end.split_once(' ').map_or(end, |(_, whole)| whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(terms: &[(u64, u64)], applied: u64) -> Log {
        Log { terms: terms.iter().copied().collect(), commit: None, applied }
    }

    #[test]
    fn entries_of_one_term_are_a_run() {
        assert_eq!(entries(&log(&[(1, 1), (2, 1), (3, 2), (4, 4), (5, 4)], 0)), "1-2:1 3:2 4-5:4");
    }

    #[test]
    fn what_is_not_known_is_not_guessed() {
        assert_eq!(entries(&log(&[], 0)), "?");
        assert_eq!(entries(&log(&[(4, 2)], 3)), "1-3:? 4:2");
        assert_eq!(entries(&log(&[(4, 2), (6, 2)], 0)), "4:2 5:? 6:2");
        assert!(line(&log(&[(1, 1)], 0)).ends_with("  commit ?"));
    }

    #[test]
    fn any_index_may_come_from_a_submission() {
        let last = u64::MAX;
        assert_eq!(entries(&log(&[(last, 2)], 0)), format!("{last}:2"));
        assert!(entries(&log(&[(1, 1), (last, 2)], last)).ends_with(&format!(" {last}:2")));
        assert_eq!(entries(&log(&[(1, 1)], last)), format!("1:1 2-{last}:?"));
    }

    #[test]
    fn of_a_long_log_the_end_is_shown() {
        let terms: Vec<(u64, u64)> = (1..40).map(|index| (index, index)).collect();
        let text = entries(&log(&terms, 0));
        assert!(text.starts_with("… ") && text.ends_with(" 39:39"), "{text}");
        assert!(text.chars().count() <= LONGEST, "{text}");
    }
}
