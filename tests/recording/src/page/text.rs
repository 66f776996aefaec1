//! Texts that are safe to show.

use std::fmt::Write;

use crate::event::Event;

/// How many characters of a text the page shows.
const LONGEST: usize = 10_000;

/// Makes all texts of the events short enough for a page, and what cannot be seen in them visible. If all texts together
/// have more than `enough` bytes, they are cut shorter still.
pub(super) fn tidy(events: &mut [Event], enough: usize) {
    let total = events.iter_mut().flat_map(|event| event.what.texts()).map(|text| text.len()).sum();
    let longest = limit(total, enough);
    for text in events.iter_mut().flat_map(|event| event.what.texts()) {
        if let Some(tidied) = shown(text, longest) {
            *text = tidied;
        }
    }
}

/// How many characters of each text to show when all texts together have so many bytes.
fn limit(total: usize, enough: usize) -> usize {
    if total <= enough { LONGEST } else { (LONGEST / (total / enough.max(1) + 1)).max(200) }
}

/// The text cut to `longest` characters, with what cannot be seen written as `\u{…}`; `None` if it can be
/// shown as it is.
fn shown(text: &str, longest: usize) -> Option<String> {
    if text.len() <= longest && !text.chars().any(is_hidden) {
        return None;
    }
    let mut shown = String::with_capacity(text.len().min(longest));
    for char in text.chars().take(longest) {
        if is_hidden(char) {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(char));
        } else {
            shown.push(char);
        }
    }
    let rest = text.chars().count().saturating_sub(longest);
    if rest > 0 {
        let _ = write!(shown, "... and {rest} more");
    }
    Some(shown)
}

/// Whether the character is invisible, or changes the order of others.
fn is_hidden(char: char) -> bool {
    match char {
        '\n' | '\t' => false,
        '\u{ad}' | '\u{61c}' | '\u{feff}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        _ => char.is_control(),
    }
}

/// The text as HTML that shows it.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, escape, limit, shown};

    /// A text that needs nothing is left alone; others are cut, and their hidden signs written out.
    #[test]
    fn texts_are_cut_and_made_visible() {
        assert_eq!(shown("plain\n\ttext, für alle", 100), None);
        assert_eq!(shown("a\u{202e}b\u{7}\r", 100).unwrap(), "a\\u{202e}b\\u{7}\\u{d}");
        let long = "ä".repeat(1_000_000);
        let cut = shown(&long, LONGEST).unwrap();
        assert!(cut.starts_with(&"ä".repeat(LONGEST)) && cut.ends_with("ä... and 990000 more"));
        assert_eq!(shown(&"ä".repeat(LONGEST), LONGEST).unwrap().chars().count(), LONGEST);
    }

    /// Many long texts are cut shorter, so that the page still opens.
    #[test]
    fn many_texts_are_cut_shorter() {
        assert_eq!(limit(1 << 20, 1 << 25), LONGEST);
        assert!(limit(1 << 30, 1 << 25) < 1000 && limit(1 << 30, 1 << 25) >= 200);
        assert_eq!(limit(usize::MAX, 1 << 25), 200);
    }

    /// No sign of HTML is left.
    #[test]
    fn escaped_text_has_no_markup() {
        assert_eq!(escape("<a b=\"c\" d='&'>"), "&lt;a b=&quot;c&quot; d=&#39;&amp;&#39;&gt;");
    }
}
