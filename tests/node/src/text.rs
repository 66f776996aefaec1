//! Texts of a submission, which can be of any length.

/// The beginning of a text, of at most so many bytes.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    let mut end = text.len().min(longest);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}
