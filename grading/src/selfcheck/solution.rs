//! The reference solution, and variants of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::files::write_file;
use crate::tree;

/// A solution: the students' files and the modules beside them, by path.
#[derive(Clone, Default)]
pub(super) struct Solution {
    files: BTreeMap<PathBuf, String>,
}

impl Solution {
    /// The reference solution of all labs.
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        Ok(Solution { files: tree::solution(root)? })
    }

    /// A solution in a folder of its own, by path in it.
    pub(super) fn in_folder(folder: &Path) -> Result<Self, String> {
        let mut files = BTreeMap::new();
        for entry in WalkDir::new(folder) {
            let entry = entry.map_err(|error| format!("cannot read a solution: {error}"))?;
            if entry.file_type().is_file() {
                let path = entry.path();
                let text = std::fs::read_to_string(path)
                    .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
                let path = path.strip_prefix(folder).map_err(|error| error.to_string())?;
                files.insert(path.to_owned(), text);
            }
        }
        Ok(Solution { files })
    }

    /// Whether a file is part of it.
    pub(super) fn has(&self, path: &str) -> bool {
        self.files.contains_key(Path::new(path))
    }

    /// The files of one package.
    pub(super) fn of(&self, package: &str) -> Self {
        let mut own = self.clone();
        own.files.retain(|path, _| path.starts_with(package));
        own
    }

    /// The same with another file in the place of one of these.
    pub(super) fn with(mut self, path: &str, text: &str) -> Self {
        self.files.insert(PathBuf::from(path), text.to_owned());
        self
    }

    /// The same with the packages of another solution in the place of its own.
    pub(super) fn with_packages_of(mut self, other: &Self) -> Self {
        let package = |path: &Path| path.iter().next().map(OsStr::to_owned);
        let theirs: BTreeSet<_> = other.files.keys().map(|path| package(path)).collect();
        self.files.retain(|path, _| !theirs.contains(&package(path)));
        self.files.extend(other.files.clone());
        self
    }

    /// Writes the files into a folder.
    pub(super) fn put(&self, folder: &Path) -> Result<(), String> {
        self.files
            .iter()
            .try_for_each(|(path, text)| write_file(&folder.join(path), text.as_bytes()))
    }

    /// A new thread for each call, many of them at a time.
    pub(super) fn thread_heavy(self) -> Result<Self, String> {
        self.replace("self.pool.execute(move || {", "std::thread::spawn(move || {")
    }

    /// Every AppendEntries takes a millisecond or two of processor time.
    pub(super) fn slow(self) -> Result<Self, String> {
        let start =
            "    pub fn append_entries(&self, args: AppendEntriesArgs) -> AppendEntriesReply {\n";
        let waste = format!(
            "{start}        (0..1_000_000u64).for_each(|turn| {{ std::hint::black_box(turn); }});\n"
        );
        self.replace(start, &waste)
    }

    /// Keeps things in statics and in threads, leaves a thread behind for some seconds, and has a log of its own. All
    /// of it belongs to the process of one server, where it does no harm.
    pub(super) fn global_state(self) -> Result<Self, String> {
        let start = "        let raft = Arc::new(Raft {\n";
        let uses = format!("        global_state::use_it(me);\n{start}");
        let mut solution = self.replace(start, &uses)?;
        let main = solution.files.get_mut(Path::new("raft/src/raft.rs"));
        let main = main.ok_or("the reference solution has no raft.rs")?;
        main.push_str(GLOBAL_STATE);
        Ok(solution)
    }

    /// A server gives its vote to every candidate of a term.
    pub(super) fn several_votes(self) -> Result<Self, String> {
        let vote = "state.voted_for.is_none_or(|candidate| candidate == args.candidate_id)";
        self.replace(vote, "args.candidate_id < usize::MAX")
    }

    fn replace(mut self, from: &str, to: &str) -> Result<Self, String> {
        let mut found = false;
        for text in self.files.values_mut().filter(|text| text.contains(from)) {
            *text = text.replace(from, to);
            found = true;
        }
        if found {
            Ok(self)
        } else {
            Err(format!("the reference solution has no \"{}\"", from.trim()))
        }
    }
}

/// A module that uses what lives as long as its process or its thread.
const GLOBAL_STATE: &str = r#"
mod global_state {
    use std::cell::Cell;
    use std::collections::HashMap;
    use std::sync::{LazyLock, Mutex};
    use std::time::Duration;

    static SERVERS: LazyLock<Mutex<HashMap<usize, u64>>> = LazyLock::new(Mutex::default);

    std::thread_local! {
        static LIVES: Cell<u64> = const { Cell::new(0) };
    }

    struct Quiet;

    impl tracing::Subscriber for Quiet {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, _: &tracing::Event<'_>) {}
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }

    /// Each server must find itself alone.
    pub(super) fn use_it(me: usize) {
        let mut servers = SERVERS.lock().expect("nobody panics");
        *servers.entry(me).or_default() += 1;
        LIVES.set(LIVES.get() + 1);
        assert_eq!((servers.len(), servers[&me], LIVES.get()), (1, 1, 1), "somebody was here");
        // A log of its own is allowed, unless RUST_LOG has set one.
        let _ = tracing::dispatcher::set_global_default(tracing::Dispatch::new(Quiet));
        std::thread::spawn(|| std::thread::sleep(Duration::from_secs(5)));
        std::mem::forget(vec![0u8; 1 << 16]);
    }
}
"#;
