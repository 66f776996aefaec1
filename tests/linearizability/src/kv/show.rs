//! Texts in messages.

/// The most characters of a text that a message shows.
const SHOWN: usize = 24;

/// A text in quotes; of a long one the end, where the last Appends are, and its length.
pub(super) fn text(text: &str) -> String {
    let length = text.chars().count();
    if length <= SHOWN {
        return format!("{text:?}");
    }
    let end: String = text.chars().skip(length - SHOWN + 1).collect();
    format!("…{end:?} ({} bytes)", text.len())
}
