//! Commands in texts: the log has their bytes, and whoever has encoded one knows what they mean.

use std::collections::HashMap;

use crate::raw::hash;

/// The shortest command that is looked up, in bytes. The bytes of a shorter one may be anything else.
const SHORTEST: usize = 4;

/// How long a text may become, in bytes.
const LONGEST: usize = 20_000;

/// What the bytes with these hashes mean.
pub(crate) type Meanings<'a> = HashMap<u64, &'a str>;

/// The text with what is known of the bytes in it: `0x0102…` becomes `Op { … }`. Bytes of which nothing is known stay,
/// and so do all once the text is long.
pub(crate) fn with_meanings(text: &str, meanings: &Meanings<'_>) -> String {
    let mut pieces = text.split("0x");
    let mut result = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|char: char| !matches!(char, '0'..='9' | 'a'..='f'));
        let (digits, rest) = piece.split_at(end.unwrap_or(piece.len()));
        let meaning = bytes(digits).and_then(|bytes| meanings.get(&hash(&bytes)));
        match meaning {
            Some(meaning) if result.len() + meaning.len() <= LONGEST => result.push_str(meaning),
            _ => {
                result.push_str("0x");
                result.push_str(digits);
            }
        }
        result.push_str(rest);
    }
    result
}

/// The bytes that are written as these digits, if they can be a command.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || digits.len() < 2 * SHORTEST {
        return None;
    }
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Meanings, with_meanings};
    use crate::raw::hash;

    #[test]
    fn known_bytes_become_what_they_mean() {
        let meanings = Meanings::from([
            (hash(&[1, 2, 3, 4]), "Op { key: \"k\" }"),
            (hash(&[1, 2, 3]), "too short"),
        ]);
        let text =
            "[E { term: 0x, command: 0x01020304 }, 0x0102030405, 0x010203, 0x0102030, 0x01020304é";
        assert_eq!(
            with_meanings(text, &meanings),
            "[E { term: 0x, command: Op { key: \"k\" } }, 0x0102030405, 0x010203, 0x0102030, Op { key: \"k\" }é"
        );
        assert_eq!(with_meanings("", &meanings), "");
    }

    /// Many short commands with long meanings do not make a text of any length.
    #[test]
    fn texts_stay_bounded() {
        let long = "x".repeat(3_000);
        let meanings = Meanings::from([(hash(&[1, 2, 3, 4]), long.as_str())]);
        let text = with_meanings(&"0x01020304, ".repeat(800), &meanings);
        assert!(text.len() <= LONGEST + 800 * 12, "{}", text.len());
        assert!(text.starts_with("xxx") && text.ends_with("0x01020304, "));
    }
}
