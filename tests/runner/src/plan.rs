//! Which choices of a run are left to chance.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::ops::Range;
use std::str::FromStr;
use std::time::Duration;

use records::Seed;
use serde::{Deserialize, Serialize};
use sim::Chance;

/// Milliseconds of virtual time.
pub(crate) type Window = Range<u64>;

/// A part of a run in one window.
pub(crate) type Piece = (String, Window);

/// What `FromStr` and `Display` call the plan that leaves nothing to chance.
const PLAIN: &str = "plain";

/// Which choices of a simulated run are left to chance; all others are plain ones. By default all are.
///
/// A run has parts, each with choices of its own: a server such as `server-0` (when its threads run, and where they are
/// interrupted), a link such as `server-0~server-1` (the loss, delay and doubling of messages on it, in both
/// directions), and the tester.
///
/// As text it is `plain`, or the parts that are left to chance, separated by commas, each perhaps with the
/// milliseconds in which it is: `server-0,server-0~server-1:1200-1350`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// By part. An empty list of windows means always.
    parts: Option<BTreeMap<String, Vec<Window>>>,
    /// From this time on the choices are those of another seed, and all are left to chance.
    branch: Option<(Duration, Seed)>,
}

impl Plan {
    /// Leaves these pieces to chance, and nothing else.
    pub(crate) fn of(pieces: &[Piece]) -> Self {
        let mut parts: BTreeMap<String, Vec<Window>> = BTreeMap::new();
        for (part, window) in pieces {
            parts.entry(part.clone()).or_default().push(window.clone());
        }
        Plan { parts: Some(parts), branch: None }
    }

    /// All pieces that it leaves to chance, without parts that always are.
    pub(crate) fn pieces(&self) -> Vec<Piece> {
        let of_part = |(part, windows): (&String, &Vec<Window>)| {
            windows.iter().map(|window| (part.clone(), window.clone())).collect::<Vec<_>>()
        };
        self.parts.iter().flatten().flat_map(of_part).collect()
    }

    /// From `at` on, all choices are those of `seed`.
    pub(crate) fn branch(&self, at: Duration, seed: Seed) -> Self {
        Plan { branch: Some((at, seed)), ..self.clone() }
    }

    /// When parts begin or end to be left to chance, in milliseconds, in order.
    pub(crate) fn bounds(&self) -> BTreeSet<u64> {
        let pieces = self.pieces();
        pieces.iter().flat_map(|(_, window)| [window.start, window.end]).collect()
    }

    /// Whether all choices are left to chance, by one seed.
    pub(crate) fn is_default(&self) -> bool {
        *self == Plan::default()
    }

    /// How the choices of a part are made in a run with this seed; `purpose` tells them from others of the same part.
    pub(crate) fn chance(&self, seed: Seed, part: &str, purpose: &str) -> Chance {
        let after_branch = self.branch.map(|(at, _)| at.as_millis() as u64..u64::MAX);
        let windows = self.parts.as_ref().and_then(|parts| match parts.get(part) {
            Some(windows) if windows.is_empty() => None,
            windows => Some(windows.into_iter().flatten().cloned().chain(after_branch).collect()),
        });
        let branch = self.branch.map(|(at, other)| (at, other.derive(purpose).0));
        Chance { seed: seed.derive(purpose).0, branch, windows }
    }
}

/// The part of the network between two of its members.
pub(crate) fn link(one: &str, other: &str) -> String {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    format!("{}~{}", part(first), part(second))
}

/// The part of this name. Spaces would end an argument.
pub(crate) fn part(name: &str) -> String {
    name.replace(' ', "-")
}

impl Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.parts.iter().flatten().flat_map(|(part, windows)| {
            let always = windows.is_empty().then(|| part.clone());
            let windows =
                windows.iter().map(move |window| format!("{part}:{}-{}", window.start, window.end));
            always.into_iter().chain(windows)
        });
        let parts: Vec<String> = parts.collect();
        formatter.write_str(if parts.is_empty() { PLAIN } else { "" })?;
        formatter.write_str(&parts.join(","))
    }
}

impl FromStr for Plan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts: BTreeMap<String, Vec<Window>> = BTreeMap::new();
        for entry in text.split(',').filter(|_| text != PLAIN) {
            let (part, window) = match entry.split_once(':') {
                Some((part, window)) => (part, Some(parse_window(window)?)),
                None => (entry, None),
            };
            if part.is_empty() {
                return Err(format!(
                    "\"{text}\" names no part: write {PLAIN}, or a part such as server-0"
                ));
            }
            parts.entry(part.to_owned()).or_default().extend(window);
        }
        Ok(Plan { parts: Some(parts), branch: None })
    }
}

fn parse_window(text: &str) -> Result<Window, String> {
    let window =
        text.split_once('-').and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    let window = window.filter(|window: &Window| !window.is_empty());
    window
        .ok_or_else(|| format!("\"{text}\" is not a window: write milliseconds such as 1200-1350"))
}

#[cfg(test)]
mod tests {
    use records::Seed;

    use super::Plan;

    #[test]
    fn plans_survive_being_written_and_read() {
        for text in
            ["plain", "tester", "server-0,server-0~server-1:1200-1350,server-0~server-1:2000-2001"]
        {
            let plan: Plan = text.parse().expect(text);
            assert_eq!(plan.to_string(), text);
        }
    }

    #[test]
    fn bad_plans_are_refused_by_name() {
        for (text, named) in
            [("", "part"), ("server-0:3", "\"3\""), ("server-0:5-5", "5-5"), (":1-2", "part")]
        {
            let error = text.parse::<Plan>().expect_err(text);
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn only_the_named_parts_are_left_to_chance() {
        let plan: Plan = "server-0,server-1:5-7,server-1:9-11".parse().expect("it is a plan");
        let windows = |part| plan.chance(Seed(17), part, part).windows;
        assert_eq!(windows("server-0"), None);
        assert_eq!(windows("server-1"), Some(vec![5..7, 9..11]));
        assert_eq!(windows("tester"), Some(Vec::new()));
        assert_eq!(Plan::default().chance(Seed(17), "tester", "tester").windows, None);
    }
}
