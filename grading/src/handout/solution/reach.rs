//! What stays: what is public, and all that it needs.

use std::collections::BTreeSet;

use super::mentions::Mentions;
use super::parts::{Kind, Part};
use super::scope::Scopes;
use super::source::SourceFile;

/// What stays of a crate.
pub(super) struct Reach {
    /// By part.
    pub(super) stays: Vec<bool>,
    /// By file: the names of imports that are used from elsewhere, as re-exports are.
    passed: BTreeSet<(usize, String)>,
    /// By file: what is mentioned by what stays.
    mentions: Vec<Mentions>,
}

/// What has been mentioned so far.
#[derive(Default)]
struct Mentioned {
    items: BTreeSet<(usize, String)>,
    /// Members of a known item, as in `Raft::start`.
    members: BTreeSet<(usize, String, String)>,
    /// Members of anything, as in `raft.start(command)`.
    methods: BTreeSet<String>,
    passed: BTreeSet<(usize, String)>,
}

impl Reach {
    /// Finds out what stays.
    pub(super) fn of(files: &[SourceFile], parts: &[Part], scopes: &Scopes) -> Self {
        let mut reach = Reach {
            stays: vec![false; parts.len()],
            passed: BTreeSet::new(),
            mentions: vec![Mentions::default(); files.len()],
        };
        let mut mentioned = Mentioned::default();
        loop {
            let found: Vec<usize> = (0..parts.len())
                .filter(|index| !reach.stays[*index])
                .filter(|index| reach.must_stay(&parts[*index], parts, &mentioned, scopes))
                .collect();
            if found.is_empty() {
                break;
            }
            for index in found {
                let part = &parts[index];
                reach.stays[index] = true;
                reach.mentions[part.file].extend(&part.mentions);
                mentioned.add(part, scopes);
            }
        }
        reach.passed = mentioned.passed;
        reach.keep_modules(files, parts);
        reach
    }

    fn must_stay(
        &self,
        part: &Part,
        parts: &[Part],
        mentioned: &Mentioned,
        scopes: &Scopes,
    ) -> bool {
        let has = |path: &[String]| path.is_empty() || self.has(part.file, path, parts, scopes);
        let is_mentioned = |owner: &[String], name: &String| {
            let own = || scopes.follow(part.file, owner).item;
            let is_named = |(file, item)| mentioned.members.contains(&(file, item, name.clone()));
            mentioned.methods.contains(name) || own().is_some_and(is_named)
        };
        part.is_public
            || match &part.kind {
                Kind::Item(name) => mentioned.items.contains(&(part.file, name.clone())),
                Kind::Module(_) => false,
                Kind::Member { owner, name } => has(owner) && is_mentioned(owner, name),
                Kind::Implementation { owner, of } => has(owner) && has(of),
            }
    }

    /// Whether an item stays, or is none of this crate's.
    fn has(&self, from: usize, path: &[String], parts: &[Part], scopes: &Scopes) -> bool {
        let Some((file, name)) = scopes.follow(from, path).item else {
            return true;
        };
        let kind = Kind::Item(name);
        let found = parts.iter().position(|part| part.file == file && part.kind == kind);
        found.is_none_or(|index| self.stays[index])
    }

    /// A module stays if anything in its file does.
    fn keep_modules(&mut self, files: &[SourceFile], parts: &[Part]) {
        for (index, part) in parts.iter().enumerate() {
            if let Kind::Module(name) = &part.kind
                && !part.is_public
            {
                let module: Vec<String> =
                    files[part.file].module.iter().chain([name]).cloned().collect();
                let file = files.iter().position(|file| file.module == module);
                self.stays[index] = file.is_some_and(|file| self.has_any_of(file, parts));
            }
        }
    }

    /// Whether anything in a file stays.
    pub(super) fn has_any_of(&self, file: usize, parts: &[Part]) -> bool {
        parts.iter().zip(&self.stays).any(|(part, stays)| part.file == file && *stays)
    }

    /// Whether any private part of a file stays.
    pub(super) fn has_private_of(&self, file: usize, parts: &[Part]) -> bool {
        let stays = |(part, stays): (&Part, &bool)| part.file == file && !part.is_public && *stays;
        parts.iter().zip(&self.stays).any(stays)
    }

    /// Whether an imported name is used by what stays, here or elsewhere.
    pub(super) fn uses(&self, file: usize, name: &str) -> bool {
        self.mentions[file].begin_with(name) || self.passed.contains(&(file, name.to_owned()))
    }
}

impl Mentioned {
    fn add(&mut self, part: &Part, scopes: &Scopes) {
        self.methods.extend(part.mentions.members.iter().cloned());
        for path in &part.mentions.paths {
            if path[0] == "Self" {
                self.methods.extend(path[1..].iter().cloned());
                continue;
            }
            let way = scopes.follow(part.file, path);
            self.passed.extend(way.imports);
            if let Some((file, item)) = way.item {
                let members = way.members.into_iter();
                self.members.extend(members.map(|member| (file, item.clone(), member)));
                self.items.insert((file, item));
            }
        }
    }
}
