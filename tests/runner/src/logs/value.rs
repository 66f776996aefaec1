//! Values that `labgob::describe` has written.

use std::collections::BTreeMap;

/// How many levels a value may have: a submission could exhaust the stack with more.
const DEEPEST: usize = 32;

/// A value with the parts that tell what is in a log. Everything else is an atom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// The fields of a struct.
    Fields(Vec<(String, Value)>),
    /// The parts of a list, of a tuple, or of a variant such as `Some(3)`.
    List(Vec<Value>),
    /// A number, a word or a text.
    Atom(String),
}

impl Value {
    /// Reads a whole text; `None` if it was cut off, or has more than [`DEEPEST`] levels.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let value = parse(&mut rest, DEEPEST)?;
        rest.trim().is_empty().then_some(value)
    }

    /// The number that it is.
    pub(super) fn number(&self) -> Option<u64> {
        match self {
            Value::Atom(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The fields, and those of structs in them, with their paths in small letters without anything between:
    /// `prevlogindex` for `prev_log_index`, and for the field `log_index` of the field `prev`.
    pub(super) fn fields(&self) -> BTreeMap<String, &Value> {
        let mut found = BTreeMap::new();
        self.collect("", &mut found);
        found
    }

    fn collect<'a>(&'a self, path: &str, found: &mut BTreeMap<String, &'a Value>) {
        let Value::Fields(fields) = self else {
            return;
        };
        for (name, value) in fields {
            let letters = name.chars().filter(char::is_ascii_alphanumeric);
            let path = format!("{path}{}", letters.collect::<String>().to_lowercase());
            value.collect(&path, found);
            found.insert(path, value);
        }
    }
}

fn parse(rest: &mut &str, levels: usize) -> Option<Value> {
    let levels = levels.checked_sub(1)?;
    let word = take_atom(rest)?;
    match rest.chars().next() {
        Some('{') => parts(rest, '}', |rest| {
            let name = take_atom(rest)?;
            *rest = rest.trim_start().strip_prefix(':')?;
            Some((name, parse(rest, levels)?))
        })
        .map(Value::Fields),
        Some('[') => parts(rest, ']', |rest| parse(rest, levels)).map(Value::List),
        Some('(') => parts(rest, ')', |rest| parse(rest, levels)).map(Value::List),
        _ if word.is_empty() => None,
        _ => Some(Value::Atom(word)),
    }
}

/// Takes the parts between two brackets.
fn parts<T>(rest: &mut &str, close: char, part: impl Fn(&mut &str) -> Option<T>) -> Option<Vec<T>> {
    *rest = rest[1..].trim_start();
    let mut found = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix(close) {
            *rest = after.trim_start();
            return Some(found);
        }
        found.push(part(rest)?);
        *rest = rest.trim_start();
        *rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
}

/// Takes a text in quotation marks, or everything up to a bracket, a comma or a colon.
fn take_atom(rest: &mut &str) -> Option<String> {
    *rest = rest.trim_start();
    let end = if rest.starts_with('"') {
        let mut letters = rest.char_indices().skip(1);
        loop {
            match letters.next()? {
                (_, '\\') => _ = letters.next()?,
                (at, '"') => break at + 1,
                _ => {}
            }
        }
    } else {
        rest.find(|letter| "{}[](),:…".contains(letter)).unwrap_or(rest.len())
    };
    let (atom, after) = rest.split_at(end);
    *rest = after;
    Some(atom.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn fields_are_found_by_their_paths() {
        let text = r#"A { prev_log_index: 3, prev: P { term: 2 }, e: [E { c: "a\", {b", t: 1 }, E { c: 0x00, t: (1, Some(2)) }], none: [] }"#;
        let value = Value::parse(text).expect("it is whole");
        let fields = value.fields();
        assert_eq!(fields["prevlogindex"].number(), Some(3));
        assert_eq!(fields["prevterm"].number(), Some(2));
        let Value::List(entries) = fields["e"] else { panic!("{fields:?}") };
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].fields()["t"].number(), Some(1));
        assert_eq!(*fields["none"], Value::List(Vec::new()));
    }

    #[test]
    fn what_is_nested_without_end_is_no_value() {
        let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Value::parse(&nested(20)).is_some());
        assert_eq!(Value::parse(&nested(100_000)), None);
        assert_eq!(Value::parse(&"A { a: ".repeat(100_000)), None);
    }

    #[test]
    fn a_text_that_was_cut_off_is_no_value() {
        let text = r#"A { term: 1, entries: [E { command: "abc", term: 1 }] }"#;
        for end in 3..text.len() {
            assert_eq!(Value::parse(&text[..end]), None, "{}", &text[..end]);
            assert_eq!(Value::parse(&format!("{}…", &text[..end])), None, "{}", &text[..end]);
        }
        assert!(Value::parse(text).is_some());
    }
}
