//! Texts of a submission, which can be of any length.

/// The text, or its beginning and its end of at most so many bytes each: the newest entries of a log are its last.
pub(crate) fn abridge(text: &str, kept: usize) -> String {
    if text.len() <= 2 * kept {
        return text.to_owned();
    }
    let begin = cut(text, kept);
    let mut end = text.len() - kept;
    while !text.is_char_boundary(end) {
        end += 1;
    }
    format!("{begin} … {} bytes … {}", end - begin.len(), &text[end..])
}

/// The beginning of a text, of at most so many bytes.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    let mut end = text.len().min(longest);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::abridge;

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end() {
        assert_eq!(abridge("abcdef", 3), "abcdef");
        assert_eq!(abridge("abcdefg", 3), "abc … 1 bytes … efg");
        assert_eq!(abridge("äöüäöü", 3), "ä … 8 bytes … ü");
    }
}
