//! Numbers of things, in words.

/// So many things, such as `1 student` and `2 students`: for nouns whose plural ends in an `s`.
pub(crate) fn counted(count: usize, one: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {one}{ending}")
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn only_one_is_one() {
        let shown = [0, 1, 2].map(|count| counted(count, "student"));
        assert_eq!(shown, ["0 students", "1 student", "2 students"]);
    }
}
