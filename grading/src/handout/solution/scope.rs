//! Which item a path means, in a crate of several files.

use std::collections::BTreeMap;

use syn::{Item, UseTree};

use super::parts::name_of;
use super::source::SourceFile;

/// The items and imports of a crate's files.
pub(super) struct Scopes {
    files: Vec<Scope>,
    /// The file of each module.
    modules: BTreeMap<Vec<String>, usize>,
}

#[derive(Default)]
struct Scope {
    module: Vec<String>,
    items: Vec<String>,
    /// What each imported name stands for.
    imports: BTreeMap<String, Vec<String>>,
}

/// An item that a path leads to, and what the path names on its way.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Way {
    /// The file and the name of the item. `None` if it is not in the crate's files.
    pub(super) item: Option<(usize, String)>,
    /// The segments after the item: members of it.
    pub(super) members: Vec<String>,
    /// The imports that it goes through: the file, and the name there.
    pub(super) imports: Vec<(usize, String)>,
}

impl Scopes {
    /// The scopes of a crate.
    pub(super) fn of(files: &[SourceFile]) -> Self {
        let modules =
            files.iter().enumerate().map(|(place, file)| (file.module.clone(), place)).collect();
        Scopes { files: files.iter().map(Scope::of).collect(), modules }
    }

    /// Follows a path from a file.
    pub(super) fn follow(&self, from: usize, path: &[String]) -> Way {
        let mut way = Way::default();
        self.walk(self.start(from, &path[0]), path, &mut way);
        way
    }

    /// The file in which the first segment of a path is to be looked up.
    fn start(&self, from: usize, first: &str) -> usize {
        if first == "crate" {
            self.modules.get([].as_slice()).copied().unwrap_or(from)
        } else {
            from
        }
    }

    fn walk(&self, from: usize, path: &[String], way: &mut Way) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        let scope = &self.files[from];
        match first.as_str() {
            "crate" | "self" => return self.walk(from, rest, way),
            "super" => {
                let parent = scope.module.split_last().map_or(&[][..], |(_, parent)| parent);
                if let Some(parent) = self.modules.get(parent) {
                    self.walk(*parent, rest, way);
                }
                return;
            }
            _ => {}
        }
        if scope.items.contains(first) {
            way.item = Some((from, first.clone()));
            way.members.extend(rest.iter().cloned());
            return;
        }
        if let Some(meant) = scope.imports.get(first) {
            let name = (from, first.clone());
            // An import of a name from itself, as of a crate, leads nowhere.
            if !way.imports.contains(&name) {
                way.imports.push(name);
                let path: Vec<String> = meant.iter().chain(rest).cloned().collect();
                self.walk(self.start(from, &path[0]), &path, way);
            }
            return;
        }
        let child: Vec<String> = scope.module.iter().chain([first]).cloned().collect();
        if let Some(child) = self.modules.get(&child) {
            self.walk(*child, rest, way);
        }
    }
}

impl Scope {
    fn of(file: &SourceFile) -> Self {
        let mut scope = Scope { module: file.module.clone(), ..Scope::default() };
        for item in &file.syntax.items {
            match item {
                Item::Use(import) => scope.add_imports(&import.tree, &mut Vec::new()),
                // A module in a file of its own is found by that file.
                Item::Mod(module) if module.content.is_none() => {}
                item => scope.items.extend(name_of(item).map(|(name, _)| name)),
            }
        }
        scope
    }

    fn add_imports(&mut self, tree: &UseTree, path: &mut Vec<String>) {
        let mut add = |alias: String, name: String| {
            let own = (name != "self").then_some(name);
            self.imports.insert(alias, path.iter().cloned().chain(own).collect());
        };
        match tree {
            UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.add_imports(&step.tree, path);
                path.pop();
            }
            UseTree::Name(name) if name.ident == "self" => {
                let last = path.last().cloned().unwrap_or_default();
                add(last, "self".to_owned());
            }
            UseTree::Name(name) => add(name.ident.to_string(), name.ident.to_string()),
            UseTree::Rename(name) => add(name.rename.to_string(), name.ident.to_string()),
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.add_imports(tree, path));
            }
            UseTree::Glob(_) => {}
        }
    }
}
