//! Puts together what is cut, and the text that is left.

use std::ops::Range;

use syn::Item;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::edit::{Edits, without_gaps};
use super::imports;
use super::mentions::{Mentions, first_line};
use super::parts::{Part, Parts};
use super::reach::Reach;
use super::scope::Scopes;
use super::source::{Role, SourceFile};
use super::tag::{Tag, WIDTH};

/// Goes above the code of a file with stubs.
const HEADER: &str = "// Until the stubs are filled in:\n#![allow(unused)]\n\n";

/// A file without its solution.
pub(in crate::handout) struct CutFile {
    /// `None` if nothing is left of it.
    pub(in crate::handout) text: Option<String>,
    /// What was cut.
    pub(in crate::handout) solution: String,
}

/// Cuts all files of a crate; what is given stays as it is.
///
/// # Errors
///
/// If a tag is not above anything that it could mark; the message names file and line.
pub(in crate::handout) fn cut_crate(files: &[SourceFile]) -> Result<Vec<CutFile>, String> {
    let mut all = Parts::default();
    for (place, file) in files.iter().enumerate() {
        all.add(place, file);
    }
    let reach = Reach::of(files, &all.parts, &Scopes::of(files));
    let cut = |(place, file)| Cutter::new(file).cut(place, &all, &reach);
    files.iter().enumerate().map(cut).collect()
}

struct Cutter<'a> {
    file: &'a SourceFile,
    edits: Edits,
    has_stubs: bool,
    /// Whether each tag marks something.
    used: Vec<bool>,
}

impl<'a> Cutter<'a> {
    fn new(file: &'a SourceFile) -> Self {
        let used = vec![false; file.tags.len()];
        Cutter { file, edits: Edits::default(), has_stubs: false, used }
    }

    fn cut(mut self, place: usize, all: &Parts, reach: &Reach) -> Result<CutFile, String> {
        let file = self.file;
        if file.role == Role::Given {
            return Ok(CutFile { text: Some(file.text.clone()), solution: String::new() });
        }
        if file.role == Role::Solution && !reach.has_any_of(place, &all.parts) {
            return Ok(CutFile { text: None, solution: file.text.clone() });
        }
        self.visit_file(&file.syntax);
        if let Some(index) = self.used.iter().position(|used| !used) {
            return Err(self.misplaced(&file.tags[index]));
        }
        self.cut_parts(place, all, reach);
        let has_private = reach.has_private_of(place, &all.parts);
        self.cut_imports(place, &all.parts, reach);
        if !has_private {
            self.cut_notes();
        }
        if self.has_stubs {
            let docs = file.syntax.attrs.iter().map(|docs| docs.span().end().line).max();
            self.edits.insert(file.lines(1, docs.unwrap_or(0)).end, format!("\n{HEADER}"));
        }
        let (text, solution) = self.edits.apply(&file.text);
        Ok(CutFile { text: Some(without_gaps(&text)), solution })
    }

    fn misplaced(&self, tag: &Tag) -> String {
        format!(
            "{}:{}: the tag \"{}\" is above nothing that it could mark: a function, a statement, a \
             match arm, or fields of a struct",
            self.file.path.display(),
            tag.line,
            self.file.line(tag.line).trim()
        )
    }

    /// Cuts the items and members that do not stay.
    fn cut_parts(&mut self, place: usize, all: &Parts, reach: &Reach) {
        let goes = |index: &usize| all.parts[*index].file == place && !reach.stays[*index];
        for index in (0..all.parts.len()).filter(goes) {
            self.cut_lines(all.parts[index].lines);
        }
        for block in &all.blocks {
            let mut members = block.members.clone();
            let is_here =
                members.clone().next().is_some_and(|first| all.parts[first].file == place);
            if is_here && members.all(|member| !reach.stays[member]) {
                self.cut_lines(block.lines);
            }
        }
    }

    fn cut_lines(&mut self, (first, last): (usize, usize)) {
        self.edits.remove(self.file.lines(first, last));
    }

    /// Cuts the names that nothing uses any more. A name that not even the whole file mentions is that of
    /// a trait, used for its methods: it stays as long as private code does.
    fn cut_imports(&mut self, place: usize, parts: &[Part], reach: &Reach) {
        let file = self.file;
        let has_private = reach.has_private_of(place, parts);
        let whole = Mentions::of_whole(file);
        let stays = |name: &str| reach.uses(place, name) || has_private && !whole.begin_with(name);
        for item in &file.syntax.items {
            let Item::Use(import) = item else {
                continue;
            };
            if matches!(import.vis, syn::Visibility::Public(_))
                || imports::is_whole(&import.tree, &stays)
            {
                continue;
            }
            let span = import.span();
            let (first, last) = (span.start().line, span.end().line);
            match imports::prune(&import.tree, &stays) {
                None => self.cut_lines((file.with_comments(first), last)),
                Some(list) => {
                    let range = file.offset(span.start())..file.offset(span.end());
                    let text = &file.text[range.clone()];
                    let visibility = text.split("use ").next().unwrap_or_default();
                    self.edits.replace(range, imports::show(visibility, &list));
                }
            }
        }
    }

    /// Cuts the module's docs after their first paragraph.
    fn cut_notes(&mut self) {
        let last = self.file.syntax.attrs.iter().map(|docs| docs.span().end().line).max();
        let last = last.unwrap_or(0);
        if let Some(first) = (1..=last).find(|line| self.file.line(*line) == "//!") {
            self.cut_lines((first, last));
        }
    }

    /// The tag of the code that starts on a line, if it has one that no other code has taken.
    fn take_tag(&mut self, line: usize) -> Option<&'a Tag> {
        let tags = self.file.tags.iter().enumerate();
        let mut own = tags.filter(|(index, tag)| tag.target == line && !self.used[*index]);
        let (index, tag) = own.next()?;
        self.used[index] = true;
        self.file.is_cut(tag).then_some(tag)
    }

    /// The text of a block, braces included.
    fn block(&self, block: &syn::Block) -> Range<usize> {
        let (open, close) = (block.brace_token.span.open(), block.brace_token.span.close());
        self.file.offset(open.start())..self.file.offset(close.end())
    }

    /// Leaves a stub of a function, or nothing: then its lines are cut because it is no part that stays.
    fn stub_body(&mut self, tag: &Tag, block: &syn::Block) {
        if self.file.is_unasked(tag) {
            return visit::visit_block(self, block);
        }
        let range = self.block(block);
        let line = self.file.line(block.brace_token.span.close().start().line);
        let indent = &line[..line.len() - line.trim_start().len()];
        let stub = tag.stub(&format!("{indent}    "));
        self.edits.replace(range, format!("{{\n{stub}\n{indent}}}"));
        self.edits.remove(self.file.lines(tag.line, tag.line));
        self.has_stubs = true;
        // Tags inside of what goes mark something as well.
        visit::visit_block(self, block);
    }
}

impl<'ast> Visit<'ast> for Cutter<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        match self.take_tag(first_line(&function.vis, &function.sig)) {
            Some(tag) => self.stub_body(tag, &function.block),
            None => visit::visit_item_fn(self, function),
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        match self.take_tag(first_line(&function.vis, &function.sig)) {
            Some(tag) => self.stub_body(tag, &function.block),
            None => visit::visit_impl_item_fn(self, function),
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let is_cut =
            |statement: &syn::Stmt| self.file.cut_at(statement.span().start().line).is_some();
        if !block.stmts.is_empty() && block.stmts.iter().all(is_cut) {
            self.edits.replace(self.block(block), "{}".to_owned());
        }
        visit::visit_block(self, block);
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        let span = statement.span();
        if let Some(tag) = self.take_tag(span.start().line) {
            self.cut_lines((tag.line, span.end().line));
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        let span = field.span();
        if let Some(tag) = self.take_tag(span.start().line) {
            self.cut_lines((tag.line, span.end().line));
        }
        visit::visit_field_value(self, field);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if let Some(tag) = self.take_tag(call.dot_token.span().start().line) {
            self.cut_lines((tag.line, call.span().end().line));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if let Some(tag) = self.take_tag(arm.span().start().line) {
            let start = self.file.offset(arm.body.span().start());
            let end = self.file.offset(arm.span().end());
            let head = self.file.line(arm.body.span().start().line);
            let indent = " ".repeat(head.len() - head.trim_start().len());
            let column = arm.body.span().start().column;
            let line = tag.stub("");
            let stub = if column + line.len() < WIDTH {
                format!("{line},")
            } else {
                format!("{{\n{}\n{indent}}}", tag.stub(&format!("{indent}    ")))
            };
            self.edits.replace(start..end, stub);
            self.edits.remove(self.file.lines(tag.line, tag.line));
            self.has_stubs = true;
        }
        visit::visit_arm(self, arm);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        let syn::Fields::Named(fields) = &item.fields else {
            return;
        };
        let open = fields.brace_token.span.open().start().line;
        let close = fields.brace_token.span.close().start().line;
        let file = self.file;
        let own = |(_, tag): &(usize, &Tag)| open < tag.line && tag.line < close;
        let own: Vec<(usize, &Tag)> = file.tags.iter().enumerate().filter(own).collect();
        let ends = own.iter().skip(1).map(|(_, tag)| tag.line).chain([close]);
        for ((index, tag), end) in own.iter().zip(ends) {
            self.used[*index] = true;
            // The tag tells students where their own fields go.
            let first = if file.is_unasked(tag) { tag.line } else { tag.line + 1 };
            if file.is_cut(tag) && first < end {
                self.cut_lines((first, end - 1));
            }
        }
    }
}
