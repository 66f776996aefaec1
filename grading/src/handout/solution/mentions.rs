//! What a piece of code mentions.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::source::SourceFile;

/// The names in a piece of code, without what is cut from it.
#[derive(Debug, Clone, Default)]
pub(super) struct Mentions {
    /// Paths of items, each as its segments.
    pub(super) paths: BTreeSet<Vec<String>>,
    /// Names of methods and other members.
    pub(super) members: BTreeSet<String>,
}

impl Mentions {
    /// Gathers mentions as `gather` visits code of a file.
    pub(super) fn of(file: &SourceFile, gather: impl FnOnce(&mut Visitor<'_>)) -> Self {
        let mut visitor = Visitor { cut_from: Some(file), mentions: Mentions::default() };
        gather(&mut visitor);
        visitor.mentions
    }

    /// The names in a whole file, with what is cut from it.
    pub(super) fn of_whole(file: &SourceFile) -> Self {
        let mut visitor = Visitor { cut_from: None, mentions: Mentions::default() };
        visitor.visit_file(&file.syntax);
        visitor.mentions
    }

    pub(super) fn extend(&mut self, other: &Mentions) {
        self.paths.extend(other.paths.iter().cloned());
        self.members.extend(other.members.iter().cloned());
    }

    /// Whether a name is the beginning of one of the paths, as a name that was imported is.
    pub(super) fn begin_with(&self, name: &str) -> bool {
        self.paths.iter().any(|path| path[0] == name)
    }

    fn add_tokens(&mut self, tokens: TokenStream) {
        // Inside of macros a name may be anything.
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    self.paths.insert(vec![name.to_string()]);
                    self.members.insert(name.to_string());
                }
                TokenTree::Group(group) => self.add_tokens(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
}

/// Visits code, but not what is cut.
pub(super) struct Visitor<'a> {
    /// The file that something is cut from, if anything is.
    cut_from: Option<&'a SourceFile>,
    mentions: Mentions,
}

impl Visitor<'_> {
    fn is_cut(&self, line: usize) -> bool {
        self.cut_from.is_some_and(|file| file.cut_at(line).is_some())
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !self.is_cut(first_line(&function.vis, &function.sig)) {
            return visit::visit_item_fn(self, function);
        }
        function.attrs.iter().for_each(|attribute| self.visit_attribute(attribute));
        self.visit_signature(&function.sig);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !self.is_cut(first_line(&function.vis, &function.sig)) {
            return visit::visit_impl_item_fn(self, function);
        }
        function.attrs.iter().for_each(|attribute| self.visit_attribute(attribute));
        self.visit_signature(&function.sig);
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        if !self.is_cut(statement.span().start().line) {
            visit::visit_stmt(self, statement);
        }
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if !self.is_cut(arm.span().start().line) {
            return visit::visit_arm(self, arm);
        }
        self.visit_pat(&arm.pat);
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        if !self.is_cut(field.span().start().line) {
            visit::visit_field_value(self, field);
        }
    }

    fn visit_fields_named(&mut self, fields: &'ast syn::FieldsNamed) {
        let open = fields.brace_token.span.open().start().line;
        for field in &fields.named {
            let line = field.span().start().line;
            if self.cut_from.is_none_or(|file| file.cut_above(open, line).is_none()) {
                self.visit_field(field);
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string());
        self.mentions.paths.insert(segments.collect());
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if self.is_cut(call.dot_token.span().start().line) {
            return self.visit_expr(&call.receiver);
        }
        self.mentions.members.insert(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.mentions.add_tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.mentions.add_tokens(list.tokens.clone());
        }
    }
}

/// The line on which a function begins, below its docs and attributes.
pub(super) fn first_line(visibility: &syn::Visibility, signature: &syn::Signature) -> usize {
    match visibility {
        syn::Visibility::Inherited => signature.span().start().line,
        visibility => visibility.span().start().line,
    }
}
