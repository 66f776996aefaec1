//! What an AppendEntries message says, whatever names its fields have.

use super::value::Value;

/// The names of fields, as [`Value::fields`] gives them.
const PREVIOUS_INDEX: [&str; 5] =
    ["prevlogindex", "previndex", "previouslogindex", "previousindex", "prevlogidx"];
const PREVIOUS_TERM: [&str; 4] = ["prevlogterm", "prevterm", "previouslogterm", "previousterm"];
const ENTRIES: [&str; 3] = ["entries", "logentries", "log"];
const COMMIT: [&str; 4] = ["leadercommit", "commit", "commitindex", "leadercommitindex"];

/// The arguments of AppendEntries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Append {
    pub(super) term: u64,
    /// Index and term of the entry before the new ones.
    pub(super) previous: (u64, u64),
    /// The terms of the new entries.
    pub(super) terms: Vec<u64>,
    pub(super) commit: Option<u64>,
}

impl Append {
    /// Reads the arguments; `None` if they have other fields, or were cut off.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let value = Value::parse(text)?;
        let fields = value.fields();
        let find = |names: &[&str]| names.iter().find_map(|name| fields.get(*name)).copied();
        let number = |names: &[&str]| find(names).and_then(Value::number);
        let previous = (number(&PREVIOUS_INDEX)?, number(&PREVIOUS_TERM)?);
        let Value::List(entries) = find(&ENTRIES)? else {
            return None;
        };
        // A submission may send any number: there must be an index behind its last entry.
        previous.0.checked_add(entries.len() as u64)?.checked_add(1)?;
        let terms =
            entries.iter().zip(previous.0 + 1..).map(|(entry, index)| term_of(entry, index));
        let terms = terms.collect::<Option<Vec<u64>>>()?;
        Some(Append { term: number(&["term"])?, previous, terms, commit: number(&COMMIT) })
    }

    /// The last index that the recipient has in common with the sender if it takes this.
    pub(super) fn last_index(&self) -> u64 {
        self.previous.0 + self.terms.len() as u64
    }
}

/// The term of an entry, which stands at this index if it says its index.
fn term_of(entry: &Value, index: u64) -> Option<u64> {
    let fields = entry.fields();
    let is_there = fields.get("index").is_none_or(|value| value.number() == Some(index));
    fields.get("term").filter(|_| is_there)?.number()
}

/// Whether the recipient has taken the entries, and its term; `None` if the reply does not say so in this way.
pub(super) fn parse_reply(text: &str) -> Option<(bool, u64)> {
    let value = Value::parse(text)?;
    let fields = value.fields();
    let success = match fields.get("success")? {
        Value::Atom(word) => word.parse().ok()?,
        _ => return None,
    };
    Some((success, fields.get("term")?.number()?))
}

#[cfg(test)]
mod tests {
    use super::{Append, parse_reply};

    #[test]
    fn fields_may_have_several_names() {
        let entries = "[Entry { term: 2, command: \"a\" }, Entry { term: 3, command: \"b\" }]";
        let expected = Append { term: 4, previous: (5, 1), terms: vec![2, 3], commit: Some(6) };
        for text in [
            format!(
                "A {{ term: 4, leader: 0, prev_log_index: 5, prev_log_term: 1, entries: {entries}, leader_commit: 6 }}"
            ),
            format!(
                "A {{ term: 4, prev: P {{ index: 5, term: 1 }}, entries: {entries}, commit: 6 }}"
            ),
        ] {
            assert_eq!(Append::parse(&text).as_ref(), Some(&expected), "{text}");
        }
        assert_eq!(expected.last_index(), 7);
    }

    #[test]
    fn what_is_not_sure_is_not_known() {
        let with = |entries: &str| {
            Append::parse(&format!(
                "A {{ term: 4, prev_index: 5, prev_term: 1, entries: {entries} }}"
            ))
        };
        assert!(with("[]").is_some());
        assert!(with("[E { index: 6, term: 2 }]").is_some());
        assert_eq!(with("[E { index: 5, term: 2 }]"), None, "indexes count otherwise here");
        assert_eq!(with("[E { epoch: 2 }]"), None);
        assert_eq!(with("[E { term: 2 }…"), None);
    }

    #[test]
    fn an_index_beyond_all_numbers_is_not_understood() {
        let with = |index: u64, entries: &str| {
            Append::parse(&format!(
                "A {{ term: 4, prev_index: {index}, prev_term: 1, entries: {entries} }}"
            ))
        };
        assert_eq!(with(u64::MAX, "[]"), None);
        assert_eq!(with(u64::MAX - 1, "[E { term: 2 }]"), None);
        assert!(with(u64::MAX - 2, "[E { term: 2 }]").is_some());
    }

    #[test]
    fn a_reply_says_whether_it_was_successful() {
        assert_eq!(parse_reply("R { term: 3, success: true }"), Some((true, 3)));
        assert_eq!(
            parse_reply("R { term: 3, success: false, conflict: Some(4) }"),
            Some((false, 3))
        );
        assert_eq!(parse_reply("R { term: 3, match_index: 9 }"), None);
    }
}
