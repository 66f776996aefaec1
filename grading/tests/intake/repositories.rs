//! Git repositories: trees of trees, many names for one file, and what belongs to another repository.

use std::fmt::Write as _;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::reader::{SOURCE, put};

/// Writes all repositories to a folder.
pub(crate) fn create(folder: &Path) {
    let open = |name: &str| Repository::create(folder.join(name));
    open("no-commit.git");
    let good = open("good.git");
    let file = good.file(SOURCE);
    good.commit(&good.folder(&[Entry::file("raft.rs", &file)]));

    let replaced = open("replaced.git");
    let file = replaced.file(SOURCE);
    replaced.commit(&replaced.folder(&[Entry::file("raft.rs", &file)]));
    let other = replaced.file(b"// ANOTHER'S\n");
    replaced.git(&["replace", &file, &other], b"");

    let link = open("link.git");
    let target = link.file(b"/etc/passwd");
    link.commit(&link.folder(&[Entry {
        mode: "120000",
        kind: "blob",
        name: "raft.rs".into(),
        id: target,
    }]));

    let large = open("large-file.git");
    let file = large.file(&vec![b' '; 50 << 20]);
    large.commit(&large.folder(&[Entry::file("raft.rs", &file)]));

    for (name, content, count) in [
        ("one-file-many-names.git", vec![b' '; 1 << 20], 600),
        ("crowd.git", SOURCE.to_vec(), 9_000),
    ] {
        let names = open(name);
        let file = names.file(&content);
        let entry = |number| Entry::file(&format!("m{number}.rs"), &file);
        names.commit(&names.folder(&(0..count).map(entry).collect::<Vec<_>>()));
    }
    for (name, has_file, width, depth) in [
        ("folders-of-folders.git", true, 64, 6),
        ("empty-folders.git", false, 64, 30),
        ("deep.git", true, 1, 200),
    ] {
        let trees = open(name);
        let file = trees.file(SOURCE);
        let leaf = has_file.then(|| Entry::file("raft.rs", &file));
        let mut tree = trees.folder(leaf.as_slice());
        for _ in 0..depth {
            let entry = |number| Entry::folder(&format!("d{number}"), &tree);
            tree = trees.folder(&(0..width).map(entry).collect::<Vec<_>>());
        }
        trees.commit(&tree);
    }
    let long = open("long-folder.git");
    let content = [b"100644 ", vec![b'x'; 20 << 20].as_slice(), b".rs\0", &[1; 20]].concat();
    long.commit(
        &long.git(&["hash-object", "-t", "tree", "-w", "--stdin", "--literally"], &content),
    );
    create_dependent(folder);
}

/// Repositories whose objects are in another one.
fn create_dependent(folder: &Path) {
    let good = folder.join("good.git");
    put(folder.join("elsewhere/raft.rs"), SOURCE);
    put(folder.join("elsewhere/.git"), format!("gitdir: {}\n", good.display()).as_bytes());
    let commit = Repository { path: good.clone() }.git(&["rev-parse", "HEAD"], b"");
    let borrowed = Repository::create(folder.join("borrowed.git"));
    let alternates = format!("{}/objects\n", good.display());
    put(borrowed.path.join("objects/info/alternates"), alternates.as_bytes());
    borrowed.git(&["update-ref", "HEAD", &commit], b"");
    let linked = Repository::create(folder.join("linked-objects.git"));
    std::fs::remove_dir_all(linked.path.join("objects")).expect("it is there");
    symlink(good.join("objects"), linked.path.join("objects")).expect("the disk is writable");
    linked.git(&["update-ref", "HEAD", &commit], b"");
}

struct Repository {
    path: PathBuf,
}

struct Entry {
    mode: &'static str,
    kind: &'static str,
    name: String,
    id: String,
}

impl Entry {
    fn file(name: &str, id: &str) -> Self {
        Entry { mode: "100644", kind: "blob", name: name.to_owned(), id: id.to_owned() }
    }

    fn folder(name: &str, id: &str) -> Self {
        Entry { mode: "040000", kind: "tree", name: name.to_owned(), id: id.to_owned() }
    }
}

impl Repository {
    fn create(path: PathBuf) -> Self {
        std::fs::create_dir(&path).expect("the disk is writable");
        let repository = Repository { path };
        repository.git(&["init", "--quiet", "--bare"], b"");
        repository
    }

    fn file(&self, content: &[u8]) -> String {
        self.git(&["hash-object", "-w", "--stdin"], content)
    }

    fn folder(&self, entries: &[Entry]) -> String {
        let mut text = String::new();
        for Entry { mode, kind, name, id } in entries {
            writeln!(text, "{mode} {kind} {id}\t{name}").expect("memory takes everything");
        }
        self.git(&["mktree"], text.as_bytes())
    }

    fn commit(&self, tree: &str) {
        let commit = self.git(&["commit-tree", tree, "-m", "x"], b"");
        self.git(&["update-ref", "HEAD", &commit], b"");
    }

    fn git(&self, arguments: &[&str], input: &[u8]) -> String {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=x", "-c", "user.email=x@x"]).args(arguments);
        command.current_dir(&self.path).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("git starts");
        let mut stdin = process.stdin.take().expect("it has an input");
        stdin.write_all(input).expect("git reads its input");
        drop(stdin);
        let output = process.wait_with_output().expect("git ends");
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8(output.stdout).expect("git prints text").trim().to_owned()
    }
}
