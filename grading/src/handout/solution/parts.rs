//! The parts of a file that stay or go as a whole.

use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{ImplItem, Item, Visibility};

use super::mentions::{Mentions, first_line};
use super::source::{Role, SourceFile};

/// A part of a file that stays or goes as a whole.
pub(super) struct Part {
    /// The file's place in its crate.
    pub(super) file: usize,
    pub(super) kind: Kind,
    /// Whether it stays in any case.
    pub(super) is_public: bool,
    /// The first and the last line, with docs and comments.
    pub(super) lines: (usize, usize),
    pub(super) mentions: Mentions,
}

/// What a part is, and so what must mention it for it to stay.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// An item with a name.
    Item(String),
    /// The declaration of a module in a file of its own.
    Module(String),
    /// A function or constant of a type.
    Member { owner: Vec<String>, name: String },
    /// The implementation of a trait for a type.
    Implementation { owner: Vec<String>, of: Vec<String> },
}

/// A block of members, which goes if all of them go.
pub(super) struct Block {
    pub(super) lines: (usize, usize),
    /// The members, as a range of all parts.
    pub(super) members: std::ops::Range<usize>,
}

/// The parts and blocks of a crate. Imports are no parts: they stay as far as their names are used.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) parts: Vec<Part>,
    pub(super) blocks: Vec<Block>,
}

impl Parts {
    /// Adds the parts of the file that has this place in its crate.
    pub(super) fn add(&mut self, place: usize, file: &SourceFile) {
        for item in &file.syntax.items {
            self.add_item(place, file, item);
        }
    }

    fn add_item(&mut self, place: usize, file: &SourceFile, item: &Item) {
        let (kind, visibility) = match item {
            Item::Use(_) => return,
            Item::Impl(block) => return self.add_block(place, file, block),
            Item::Mod(module) if module.content.is_none() => {
                (Kind::Module(module.ident.to_string()), Some(&module.vis))
            }
            item => match name_of(item) {
                Some((name, visibility)) => (Kind::Item(name), Some(visibility)),
                None => (Kind::Item(String::new()), None),
            },
        };
        self.parts.push(Part {
            file: place,
            kind,
            is_public: stays_as_public(file, visibility),
            lines: lines(file, item),
            mentions: Mentions::of(file, |visitor| visitor.visit_item(item)),
        });
    }

    fn add_block(&mut self, place: usize, file: &SourceFile, block: &syn::ItemImpl) {
        let owner = path_of(&block.self_ty);
        if let Some((of, _)) = &block.trait_ {
            let of = of.segments.iter().map(|segment| segment.ident.to_string()).collect();
            return self.parts.push(Part {
                file: place,
                kind: Kind::Implementation { owner, of },
                is_public: file.role == Role::Given,
                lines: lines(file, block),
                mentions: Mentions::of(file, |visitor| visitor.visit_item_impl(block)),
            });
        }
        // What the head of the block mentions, each of its members needs.
        let head = Mentions::of(file, |visitor| {
            visitor.visit_generics(&block.generics);
            visitor.visit_type(&block.self_ty);
        });
        let first = self.parts.len();
        for item in &block.items {
            let (name, visibility) = match item {
                ImplItem::Fn(function) => (function.sig.ident.to_string(), &function.vis),
                ImplItem::Const(constant) => (constant.ident.to_string(), &constant.vis),
                ImplItem::Type(alias) => (alias.ident.to_string(), &alias.vis),
                _ => continue,
            };
            let mut mentions = Mentions::of(file, |visitor| visitor.visit_impl_item(item));
            mentions.extend(&head);
            self.parts.push(Part {
                file: place,
                kind: Kind::Member { owner: owner.clone(), name },
                is_public: stays_as_public(file, Some(visibility)) && !is_unasked(file, item),
                lines: lines(file, item),
                mentions,
            });
        }
        let members = first..self.parts.len();
        self.blocks.push(Block { lines: lines(file, block), members });
    }
}

/// Everything that is given stays, and what is public in the students' files.
fn stays_as_public(file: &SourceFile, visibility: Option<&Visibility>) -> bool {
    match file.role {
        Role::Given => true,
        Role::Students => matches!(visibility, Some(Visibility::Public(_))),
        Role::Solution => false,
    }
}

/// Whether it is a function of a stage that nobody is asked for.
fn is_unasked(file: &SourceFile, item: &ImplItem) -> bool {
    let ImplItem::Fn(function) = item else {
        return false;
    };
    let tag = file.cut_at(first_line(&function.vis, &function.sig));
    tag.is_some_and(|tag| file.is_unasked(tag))
}

/// The lines of a node, with the comments directly above it.
fn lines(file: &SourceFile, node: &impl Spanned) -> (usize, usize) {
    let span = node.span();
    (file.with_comments(span.start().line), span.end().line)
}

fn path_of(kind: &syn::Type) -> Vec<String> {
    match kind {
        syn::Type::Path(kind) => {
            kind.path.segments.iter().map(|segment| segment.ident.to_string()).collect()
        }
        _ => Vec::new(),
    }
}

/// The name of an item that others can mention.
pub(super) fn name_of(item: &Item) -> Option<(String, &Visibility)> {
    let (name, visibility) = match item {
        Item::Const(item) => (&item.ident, &item.vis),
        Item::Enum(item) => (&item.ident, &item.vis),
        Item::Fn(item) => (&item.sig.ident, &item.vis),
        Item::Mod(item) => (&item.ident, &item.vis),
        Item::Static(item) => (&item.ident, &item.vis),
        Item::Struct(item) => (&item.ident, &item.vis),
        Item::Trait(item) => (&item.ident, &item.vis),
        Item::Type(item) => (&item.ident, &item.vis),
        Item::Union(item) => (&item.ident, &item.vis),
        _ => return None,
    };
    Some((name.to_string(), visibility))
}
