//! Submissions that are git repositories. The commit that HEAD names is what was handed in.

use std::path::{Path, PathBuf};

use super::error::ReadError;
use super::git_objects::{Object, Objects};
use super::limits;
use super::path::{check_depth, is_made_by_tools, of_source};
use super::sources::{Sources, check_size, is_a_link};

/// What a repository consists of. None of it may be a link, which could lead to another one.
const PARTS: &[&str] =
    &["HEAD", "config", "objects", "objects/info", "objects/pack", "refs", "packed-refs"];

/// What makes a repository use the objects of another one.
const BORROWS: &[&str] = &["commondir", "objects/info/alternates"];

/// The largest list of a folder's files, in bytes.
const TREE_SIZE: u64 = 1 << 20;

/// The folder with git's own files, if a path is a repository, bare or with a work tree.
pub(super) fn git_folder(path: &Path) -> Option<PathBuf> {
    let is_folder = |path: &Path| path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
    if !is_folder(path) {
        return None;
    }
    let inner = path.join(".git");
    if is_folder(&inner) {
        return Some(inner);
    }
    let is_bare = path.join("HEAD").is_file() && path.join("objects").is_dir();
    is_bare.then(|| path.to_owned())
}

/// Adds the Rust files of the commit that HEAD names.
///
/// A repository can name programs for git to run, but git runs none of them just to read objects.
///
/// # Errors
///
/// If it cannot be read, or is not within the limits.
pub(super) fn add(sources: &mut Sources, git_folder: &Path) -> Result<(), ReadError> {
    check_parts(git_folder)?;
    let mut objects = Objects::open(git_folder).map_err(ReadError::Fault)?;
    let head = objects.find("HEAD^{tree}").filter(|object| object.kind == "tree");
    let head = head.ok_or_else(|| "it is a git repository, but HEAD names no commit".to_owned())?;
    let mut walk = Walk { objects, sources, folders: vec![(head, Vec::new())] };
    while let Some((tree, path)) = walk.folders.pop() {
        walk.visit(&tree, &path)?;
    }
    Ok(())
}

fn check_parts(git_folder: &Path) -> Result<(), String> {
    let kind = |part: &&&str| git_folder.join(part).symlink_metadata();
    if let Some(part) = PARTS.iter().find(|part| kind(part).is_ok_and(|found| found.is_symlink())) {
        return Err(format!("it is a git repository whose {part} is a link"));
    }
    if BORROWS.iter().any(|part| kind(&part).is_ok()) {
        return Err(
            "it is a git repository that uses another one: hand in a complete clone".to_owned()
        );
    }
    Ok(())
}

struct Walk<'a> {
    objects: Objects,
    sources: &'a mut Sources,
    /// The folders left to visit, each with its path.
    folders: Vec<(Object, Vec<u8>)>,
}

/// An entry of a tree object.
struct Entry<'a> {
    mode: &'a [u8],
    name: &'a [u8],
    id: String,
}

impl Walk<'_> {
    fn visit(&mut self, tree: &Object, folder: &[u8]) -> Result<(), String> {
        if tree.size > TREE_SIZE {
            return Err(format!("it has more than {} files", limits::ENTRIES));
        }
        let content = self.objects.read(tree).ok_or_else(damaged)?;
        let mut rest = content.as_slice();
        while !rest.is_empty() {
            let entry = Entry::split_off(&mut rest, tree.id.len() / 2).ok_or_else(damaged)?;
            let path = [folder, entry.name].join(&b'/');
            let path = path.strip_prefix(b"/").unwrap_or(&path);
            self.sources.see(path)?;
            self.add(&entry, path)?;
        }
        Ok(())
    }

    fn add(&mut self, entry: &Entry<'_>, path_bytes: &[u8]) -> Result<(), String> {
        match entry.mode {
            b"40000" | b"040000" => {
                check_depth(1 + path_bytes.iter().filter(|byte| **byte == b'/').count())?;
                if !is_made_by_tools(path_bytes) {
                    let tree = self.find(&entry.id, "tree")?;
                    self.folders.push((tree, path_bytes.to_owned()));
                }
                Ok(())
            }
            // A link to a commit of another repository.
            b"160000" => Ok(()),
            mode => match of_source(path_bytes)? {
                Some(path) if mode == b"120000" => Err(is_a_link(&path)),
                Some(path) => self.add_source(path, &entry.id),
                None if mode != b"120000" && self.sources.wants_archive(path_bytes) => {
                    self.add_archive(path_bytes, &entry.id)
                }
                None => Ok(()),
            },
        }
    }

    fn add_source(&mut self, path: PathBuf, id: &str) -> Result<(), String> {
        let blob = self.find(id, "blob")?;
        check_size(blob.size, &path)?;
        let content = self.objects.read(&blob).ok_or_else(damaged)?;
        self.sources.add(path, content.as_slice())
    }

    /// Keeps an archive, unless it is so large that nobody looks into it.
    fn add_archive(&mut self, path: &[u8], id: &str) -> Result<(), String> {
        let blob = self.find(id, "blob")?;
        if blob.size > limits::FILE_SIZE {
            return Ok(());
        }
        let content = self.objects.read(&blob).ok_or_else(damaged)?;
        self.sources.add_archive(path, content.as_slice())
    }

    fn find(&mut self, id: &str, kind: &str) -> Result<Object, String> {
        self.objects.find(id).filter(|object| object.kind == kind).ok_or_else(damaged)
    }
}

impl<'a> Entry<'a> {
    /// Takes the first entry from a tree's content: its mode, its name, a zero byte, and the bytes of an id.
    fn split_off(tree: &mut &'a [u8], id_length: usize) -> Option<Self> {
        let space = tree.iter().position(|byte| *byte == b' ')?;
        let end = tree.iter().position(|byte| *byte == 0)?;
        let id = tree.get(end + 1..end + 1 + id_length)?;
        let entry = Entry {
            mode: &tree[..space],
            name: tree.get(space + 1..end)?,
            id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
        };
        *tree = &tree[end + 1 + id_length..];
        Some(entry)
    }
}

fn damaged() -> String {
    "it is a git repository with missing or damaged objects".to_owned()
}
