//! Texts in messages.

/// The most characters of a text that are shown.
const SHOWN: usize = 24;

/// A text in quotes. Of a long one the end, where Appends show, and its length.
pub(super) fn text(text: &str) -> String {
    let length = text.chars().count();
    if length <= SHOWN {
        return format!("{text:?}");
    }
    let end: String = text.chars().skip(length - SHOWN + 1).collect();
    format!("…{end:?} ({} bytes)", text.len())
}
