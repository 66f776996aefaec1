//! A source file of a crate, with its syntax tree.

use std::ops::Range;
use std::path::{Path, PathBuf};

use proc_macro2::LineColumn;

use super::tag::Tag;
use crate::stages::Cut;

/// A source file and what is to be cut from it.
pub(in crate::handout) struct SourceFile {
    pub(in crate::handout) path: PathBuf,
    pub(in crate::handout) text: String,
    /// Its path within the crate: `raft/src/raft/log.rs` is the module `raft::log`.
    pub(super) module: Vec<String>,
    pub(super) role: Role,
    pub(super) syntax: syn::File,
    pub(super) tags: Vec<Tag>,
    cut: Cut,
    /// Where each line starts, in bytes.
    line_starts: Vec<usize>,
}

/// Who writes a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::handout) enum Role {
    /// It is given to students as it is.
    Given,
    /// Students write it, and other code relies on what is public in it.
    Students,
    /// It belongs to the solution.
    Solution,
}

impl SourceFile {
    /// Parses a file of the crate whose sources are in `sources`, such as `raft/src`.
    ///
    /// # Errors
    ///
    /// If it is not valid Rust, or a tag names no stage.
    pub(in crate::handout) fn parse(
        path: &Path,
        sources: &Path,
        text: String,
        role: Role,
        cut: &Cut,
    ) -> Result<Self, String> {
        let syntax = syn::parse_file(&text).map_err(|error| {
            format!("{}:{}: {error}", path.display(), error.span().start().line)
        })?;
        let tags = match role {
            Role::Given => Vec::new(),
            _ => Tag::find_all(&text).map_err(|problem| format!("{}:{problem}", path.display()))?,
        };
        let inside = path.strip_prefix(sources).unwrap_or(path).with_extension("");
        let mut module: Vec<String> =
            inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module.last().is_some_and(|last| last == "lib" || last == "mod") {
            module.pop();
        }
        let ends = text.match_indices('\n').map(|(end, _)| end + 1);
        let line_starts = std::iter::once(0).chain(ends).collect();
        let (path, cut) = (path.to_owned(), cut.clone());
        Ok(SourceFile { path, module, role, syntax, tags, cut, line_starts, text })
    }

    pub(super) fn is_cut(&self, tag: &Tag) -> bool {
        self.cut.stages.contains(&tag.stage)
    }

    /// Whether nothing is left of what has this tag, not even a stub.
    pub(super) fn is_unasked(&self, tag: &Tag) -> bool {
        self.cut.unasked.contains(&tag.stage)
    }

    /// The tag of the code that starts on a line, if it is cut.
    pub(super) fn cut_at(&self, line: usize) -> Option<&Tag> {
        self.tags.iter().find(|tag| tag.target == line && self.is_cut(tag))
    }

    /// The last tag above a field on this line of a struct, if it is cut. `open` is the struct's first line.
    pub(super) fn cut_above(&self, open: usize, line: usize) -> Option<&Tag> {
        let tag = self.tags.iter().rfind(|tag| open < tag.line && tag.line < line)?;
        self.is_cut(tag).then_some(tag)
    }

    /// A place in the text, in bytes.
    pub(super) fn offset(&self, place: LineColumn) -> usize {
        let start = self.line_starts[place.line - 1];
        let rest = &self.text[start..];
        start + rest.char_indices().nth(place.column).map_or(rest.len(), |(offset, _)| offset)
    }

    /// Whole lines, in bytes; both bounds are included and count from 1.
    pub(super) fn lines(&self, first: usize, last: usize) -> Range<usize> {
        let end = self.line_starts.get(last).copied().unwrap_or(self.text.len());
        self.line_starts[first - 1]..end
    }

    /// A line without its line break.
    pub(super) fn line(&self, number: usize) -> &str {
        self.text[self.lines(number, number)].trim_end_matches('\n')
    }

    /// The first line of what starts on this one, with the comments directly above it.
    pub(super) fn with_comments(&self, mut line: usize) -> usize {
        let is_comment = |line: &str| line.starts_with("//") && !line.starts_with("//!");
        while line > 1 && is_comment(self.line(line - 1).trim_start()) {
            line -= 1;
        }
        line
    }
}
