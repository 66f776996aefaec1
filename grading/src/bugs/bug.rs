//! A known wrong solution, and the header of its file.

use serde::Serialize;

use crate::stages;

/// A known wrong solution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Bug {
    /// The name of its file, without the ending.
    pub(super) name: String,
    /// The stage that must notice it.
    pub(super) stage: String,
    /// The rule that it breaks.
    pub(super) rule: String,
    /// Where people make this mistake.
    pub(super) source: String,
    /// Why it need not be noticed, if that is so.
    pub(super) excuse: Option<Excuse>,
    /// Words that its commonest failure must contain, because they lead to the mistake.
    pub(super) says: Option<String>,
    /// The header and the patch, as they are in the file.
    #[serde(skip)]
    pub(super) patch: String,
}

/// Why a bug need not be noticed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Excuse {
    /// Few runs can show it, because of this.
    Seldom(String),
    /// It breaks no rule that can be seen from outside, because of this.
    Harmless(String),
}

impl Bug {
    /// Reads a file of this name.
    ///
    /// # Errors
    ///
    /// What is wrong with its header.
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, String> {
        let start =
            ["\ndiff --git ", "\n--- "].into_iter().filter_map(|line| text.find(line)).min();
        let start =
            start.ok_or_else(|| format!("the bug {name} is no patch: it has no line with ---"))?;
        let mut bug = Bug {
            name: name.to_owned(),
            stage: String::new(),
            rule: String::new(),
            source: String::new(),
            excuse: None,
            says: None,
            patch: text.to_owned(),
        };
        for line in text[..start].lines().filter(|line| !line.is_empty()) {
            let (key, value) = line.split_once(": ").unwrap_or((line, ""));
            bug.set(key, value.trim())?;
        }
        bug.check()
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let value = value.to_owned();
        match key {
            "Stage" => self.stage = value,
            "Rule" => self.rule = value,
            "Source" => self.source = value,
            "Seldom" => self.excuse = Some(Excuse::Seldom(value)),
            "Harmless" => self.excuse = Some(Excuse::Harmless(value)),
            "Says" => self.says = Some(value),
            _ => return Err(format!("the bug {} has an unknown header \"{key}\"", self.name)),
        }
        Ok(())
    }

    fn check(self) -> Result<Self, String> {
        let Bug { name, stage, rule, source, .. } = &self;
        for (key, value) in [("Stage", stage), ("Rule", rule), ("Source", source)] {
            if value.is_empty() {
                return Err(format!("the bug {name} has no header \"{key}:\""));
            }
        }
        if stages::exists(stage) {
            Ok(self)
        } else {
            Err(format!("the bug {name}: {}", stages::unknown(stage)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bug, Excuse};

    const PATCH: &str = "\n--- a/raft/src/raft.rs\n+++ b/raft/src/raft.rs\n";

    fn parse(header: &str) -> Result<Bug, String> {
        Bug::parse("x", &format!("{header}{PATCH}"))
    }

    #[test]
    fn a_header_says_what_the_bug_is() {
        let bug = parse(
            "Stage: 2B\nRule: a rule: of two parts\nSource: own\nSeldom: chance\nSays: it is stuck\n",
        );
        let bug = bug.expect("the header is whole");
        assert_eq!((bug.name.as_str(), bug.stage.as_str()), ("x", "2B"));
        assert_eq!((bug.rule.as_str(), bug.source.as_str()), ("a rule: of two parts", "own"));
        assert_eq!(bug.excuse, Some(Excuse::Seldom("chance".to_owned())));
        assert_eq!(bug.says.as_deref(), Some("it is stuck"));
        assert!(bug.patch.ends_with(PATCH));
    }

    #[test]
    fn what_git_diff_prints_is_a_patch() {
        let diff = "diff --git a/raft/src/raft.rs b/raft/src/raft.rs\nindex 012..345 100644";
        let bug = parse(&format!("Stage: 2B\nRule: r\nSource: own\n\n{diff}"));
        assert_eq!(bug.map(|bug| bug.source), Ok("own".to_owned()));
    }

    #[test]
    fn an_incomplete_header_is_refused() {
        for (header, problem) in [
            ("Stage: 2B\nRule: r\n", "the bug x has no header \"Source:\""),
            ("Rule: r\nSource: own\n", "the bug x has no header \"Stage:\""),
            (
                "Stage: 2B\nRule: r\nSource: own\nRare: so\n",
                "the bug x has an unknown header \"Rare\"",
            ),
        ] {
            assert_eq!(parse(header), Err(problem.to_owned()));
        }
        let unknown = parse("Stage: 9A\nRule: r\nSource: own\n");
        assert!(unknown.is_err_and(|problem| problem.starts_with("the bug x: unknown stage")));
        let no_patch = Bug::parse("x", "Stage: 2B\n");
        assert!(no_patch.is_err_and(|problem| problem.contains("is no patch")));
    }
}
