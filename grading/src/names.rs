//! Names in a sentence.

/// These names, one after the other. Semicolons are between them if one has a comma, as in `Doe, Jane`.
pub(crate) fn list(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<_> = names.into_iter().collect();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let has_comma = names.iter().any(|name| name.contains(','));
    names.join(if has_comma { "; " } else { ", " })
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn each_name_can_be_told_from_the_next() {
        assert_eq!(list(["ann", "ben"]), "ann, ben");
        assert_eq!(list(["Doe, Jane", "ben"]), "Doe, Jane; ben");
        assert_eq!(list(Vec::<String>::new()), "");
    }
}
