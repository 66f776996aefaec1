//! Comparing full names, which course systems write in different ways.

/// A full name as one word in lower case, in each order that a course system may write it in: `Jane Smith`,
/// `Smith, Jane`, `Smith Jane` and `smithjane` have one in common.
pub(super) fn spellings(name: &str) -> Vec<String> {
    let words = words(name);
    (0..words.len()).map(|first| [&words[first..], &words[..first]].concat().concat()).collect()
}

/// A full name as one word in lower case.
pub(super) fn joined(name: &str) -> String {
    words(name).concat()
}

/// The words of a name, without what is no letter or digit. Canvas leaves that out, too.
fn words(name: &str) -> Vec<String> {
    let letters = |word: &str| -> String {
        word.chars()
            .filter(|letter| letter.is_alphanumeric() || *letter == '_')
            .flat_map(char::to_lowercase)
            .collect()
    };
    let words = name.split(|letter: char| letter.is_whitespace() || letter == ',');
    words.map(letters).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::{joined, spellings};

    #[test]
    fn a_name_is_recognised_in_each_order() {
        for (name, written) in [
            ("Jane Smith", "smithjane"),
            ("Smith, Jane", "Jane Smith"),
            ("Jane van der Berg", "van der Berg Jane"),
            ("Seán O'Brien-Smith", "obriensmithseán"),
            ("Müller", "müller"),
        ] {
            assert!(spellings(name).contains(&joined(written)), "{name} is not {written}");
        }
        assert!(!spellings("Jane Smith").contains(&joined("Jane Smithson")));
        assert_eq!(spellings(", -"), Vec::<String>::new());
    }
}
