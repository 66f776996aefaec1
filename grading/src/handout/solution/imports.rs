//! Imports without the names that nothing uses any more.

use std::fmt::Write;

use syn::UseTree;

use super::tag::WIDTH;

/// The names of an import that stay, as `use` would list them. `None` if none does.
pub(super) fn prune(tree: &UseTree, stays: &impl Fn(&str) -> bool) -> Option<String> {
    pruned(tree, "", stays)
}

/// An import of this list, on several lines if it is too long for one.
pub(super) fn show(visibility: &str, list: &str) -> String {
    let line = format!("{visibility}use {list};");
    let split =
        list.rsplit_once("::{").and_then(|(path, names)| Some((path, names.strip_suffix('}')?)));
    let Some((path, names)) = split.filter(|_| line.len() > WIDTH) else {
        return line;
    };
    let mut text = format!("{visibility}use {path}::{{\n   ");
    let mut column = 3;
    for name in names.split(", ") {
        if column + 1 + name.len() + 1 > WIDTH {
            text.push_str("\n   ");
            column = 3;
        }
        let _ = write!(text, " {name},");
        column += name.len() + 2;
    }
    text + "\n};"
}

/// Whether all names of an import stay.
pub(super) fn is_whole(tree: &UseTree, stays: &impl Fn(&str) -> bool) -> bool {
    match tree {
        UseTree::Path(step) => match &*step.tree {
            UseTree::Name(name) if name.ident == "self" => stays(&step.ident.to_string()),
            tree => is_whole(tree, stays),
        },
        UseTree::Name(name) => name.ident == "self" || stays(&name.ident.to_string()),
        UseTree::Rename(name) => stays(&name.rename.to_string()),
        UseTree::Glob(_) => true,
        UseTree::Group(group) => group.items.iter().all(|tree| is_whole(tree, stays)),
    }
}

fn pruned(tree: &UseTree, parent: &str, stays: &impl Fn(&str) -> bool) -> Option<String> {
    match tree {
        UseTree::Path(step) => {
            let name = step.ident.to_string();
            pruned(&step.tree, &name, stays).map(|rest| match rest.as_str() {
                "self" => name,
                rest => format!("{name}::{rest}"),
            })
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            stays(if name == "self" { parent } else { &name }).then_some(name)
        }
        UseTree::Rename(rename) => {
            let alias = rename.rename.to_string();
            stays(&alias).then(|| format!("{} as {alias}", rename.ident))
        }
        UseTree::Glob(_) => Some("*".to_owned()),
        UseTree::Group(group) => {
            let names: Vec<String> =
                group.items.iter().filter_map(|tree| pruned(tree, parent, stays)).collect();
            match names.as_slice() {
                [] => None,
                [name] => Some(name.clone()),
                names => Some(format!("{{{}}}", names.join(", "))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_whole, prune, show};

    fn import(text: &str) -> syn::ItemUse {
        syn::parse_str(text).expect("it is an import")
    }

    #[test]
    fn names_that_are_not_used_go() {
        for (text, used, expected) in [
            ("use a::b::{C, D};", "C", Some("a::b::C")),
            ("use a::{self, B, c::D};", "a D", Some("a::{self, c::D}")),
            ("use a::{self, B};", "a", Some("a")),
            ("use a::B as C;", "C", Some("a::B as C")),
            ("use a::B as C;", "B", None),
        ] {
            let used: Vec<&str> = used.split(' ').collect();
            let pruned = prune(&import(text).tree, &|name| used.contains(&name));
            assert_eq!(pruned.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn an_import_whose_names_are_all_used_is_whole() {
        let tree = import("use a::{self, B, c::D};").tree;
        assert!(is_whole(&tree, &|_| true));
        assert!(!is_whole(&tree, &|name| name != "D"));
    }

    #[test]
    fn a_long_list_is_wrapped() {
        let names: Vec<String> = (10..40).map(|number| format!("Name{number}")).collect();
        let shown = show("pub ", &format!("a::{{{}}}", names.join(", ")));
        assert!(shown.lines().all(|line| line.len() <= 100), "{shown}");
        assert!(shown.starts_with("pub use a::{\n    Name10, Name11,"), "{shown}");
        assert!(shown.ends_with(" Name39,\n};"), "{shown}");
    }
}
