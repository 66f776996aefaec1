//! Names that browsers and course systems give to second copies of a file.

use std::path::Path;

/// The name of the file that another one is a copy of, going by names alone: `raft.rs` for `raft(1).rs`,
/// `raft-2.rs`, `raft - Copy.rs` or `Raft.rs`.
pub(super) fn original_name(path: &Path) -> Option<String> {
    let written = path.file_stem()?.to_str()?;
    let lower = written.to_ascii_lowercase();
    let stem = lower.as_str();
    let original = before_number(stem).or_else(|| {
        let rest = stem.strip_suffix("copy")?;
        Some(rest.trim_end_matches([' ', '-', '_']))
    });
    let original = original.unwrap_or(stem);
    (!original.is_empty() && original != written).then(|| format!("{original}.rs"))
}

/// What comes before a number in brackets or after a hyphen.
fn before_number(stem: &str) -> Option<&str> {
    let bare = stem.strip_suffix(')');
    let rest = bare.unwrap_or(stem).trim_end_matches(|letter: char| letter.is_ascii_digit());
    if rest.len() == bare.unwrap_or(stem).len() {
        return None;
    }
    let rest = rest.strip_suffix(if bare.is_some() { '(' } else { '-' })?;
    Some(rest.trim_end())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::original_name;

    #[test]
    fn copies_are_known_by_their_names() {
        for copy in [
            "raft(1).rs",
            "raft (12).rs",
            "raft-1.rs",
            "raft copy.rs",
            "raft - Copy.rs",
            "Raft.rs",
            "RAFT(1).rs",
        ] {
            assert_eq!(original_name(Path::new(copy)).as_deref(), Some("raft.rs"), "{copy}");
        }
        for other in ["raft.rs", "raft2.rs", "copy.rs", "(1).rs", "raft().rs", "log_store.rs"] {
            assert_eq!(original_name(Path::new(other)), None, "{other}");
        }
    }
}
