//! Which places in the source are what students write.

/// The folders of what students write.
const FOLDERS: [&str; 3] = ["kvraft/src/", "raft/src/", "shardkv/src/"];

/// The part of a path from the folder of its crate on, such as `raft/src/raft.rs`; `None` if it is in nothing that
/// students write.
pub fn place_in_submission(path: &str) -> Option<&str> {
    let starts = FOLDERS.iter().flat_map(|folder| path.match_indices(folder));
    // `kvraft/src/` has `raft/src/` in it.
    let is_whole = |start: &usize| *start == 0 || path[..*start].ends_with('/');
    let last = starts.map(|(start, _)| start).filter(is_whole).max()?;
    Some(&path[last..])
}

#[cfg(test)]
mod tests {
    use super::place_in_submission;

    #[test]
    fn a_place_begins_with_its_crate() {
        let place = place_in_submission("/home/a/kvraft/src/labs/raft/src/raft.rs:7");
        assert_eq!(place, Some("raft/src/raft.rs:7"));
        assert_eq!(place_in_submission("/labs/kvraft/src/server.rs"), Some("kvraft/src/server.rs"));
        assert_eq!(place_in_submission("raft/src/raft.rs"), Some("raft/src/raft.rs"));
    }

    #[test]
    fn other_code_has_no_place_in_a_submission() {
        assert_eq!(place_in_submission("/labs/labrpc/src/client.rs"), None);
        assert_eq!(place_in_submission("/registry/openraft/src/raft.rs"), None);
    }
}
