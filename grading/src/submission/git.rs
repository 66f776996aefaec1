//! Submissions that are git repositories. The commit that HEAD names is what was handed in.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::source_files::{SourceFiles, check_count, check_size, inner_path, is_a_link, is_source};
use crate::sandbox::{Limits, Sandbox, Task};
use crate::toolchain::SYSTEM_PATHS;

/// The options of each git command.
const OPTIONS: &[&str] =
    &["-c", "safe.directory=*", "-c", "protocol.allow=never", "--no-pager", "--git-dir"];

/// The environment of each git command.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("PATH", "/usr/bin:/bin:/usr/local/bin"),
];

/// The mode of a symbolic link.
const LINK_MODE: &str = "120000";

/// Whether a path is a repository, bare or with a work tree.
pub(super) fn is_repository(path: &Path) -> bool {
    path.join(".git").exists() || (path.join("HEAD").is_file() && path.join("objects").is_dir())
}

/// The Rust files of the commit that HEAD names.
///
/// A repository can name programs for git to run. The two commands used here run none of them, and in the
/// sandbox such a program could not reach anything.
pub(super) fn sources(path: &Path, sandbox: &Sandbox) -> Result<SourceFiles, String> {
    let repository = Repository::open(path, sandbox)?;
    let listing = repository.git(&["ls-tree", "-r", "-z", "-l", "--full-tree", "HEAD"])?;
    let listing = String::from_utf8_lossy(&listing).into_owned();
    let mut sources = SourceFiles::new();
    for (count, line) in listing.split('\0').filter(|line| !line.is_empty()).enumerate() {
        check_count(count)?;
        if let Some((path, object)) = parse(line)? {
            sources.insert(path, repository.git(&["cat-file", "blob", object])?);
        }
    }
    Ok(sources)
}

/// The path and object of a source file from a line of `git ls-tree`; `None` for anything else.
fn parse(line: &str) -> Result<Option<(PathBuf, &str)>, String> {
    let (head, name) = line.split_once('\t').ok_or("its list of files is invalid")?;
    let path = inner_path(Path::new(name))?;
    let fields: Vec<&str> = head.split_whitespace().collect();
    let [mode, "blob", object, size] = fields.as_slice() else {
        return Ok(None);
    };
    if !is_source(&path) {
        return Ok(None);
    }
    if *mode == LINK_MODE {
        return Err(is_a_link(&path));
    }
    if let Ok(size) = size.parse() {
        check_size(size, &path)?;
    }
    Ok(Some((path, object)))
}

struct Repository<'a> {
    folder: PathBuf,
    git_folder: PathBuf,
    sandbox: &'a Sandbox,
}

impl<'a> Repository<'a> {
    fn open(path: &Path, sandbox: &'a Sandbox) -> Result<Self, String> {
        let folder = path.canonicalize().map_err(|error| format!("cannot read it: {error}"))?;
        let inner = folder.join(".git");
        let git_folder = if inner.exists() { inner } else { folder.clone() };
        Ok(Repository { folder, git_folder, sandbox })
    }

    /// Runs git in the sandbox, and returns what it prints.
    fn git(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let mut command = self.sandbox.command(&self.task(arguments)?)?;
        let output = command.stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("cannot start git: {error}"))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let problem = String::from_utf8_lossy(&output.stderr);
        let line = problem.lines().last().unwrap_or("git failed");
        Err(format!("it is not a valid git repository: {line}"))
    }

    fn task(&self, arguments: &[&str]) -> Result<Task, String> {
        let git_folder = self.git_folder.display().to_string();
        let mut words: Vec<&str> = OPTIONS.to_vec();
        words.push(&git_folder);
        words.extend(arguments);
        let environment = ENVIRONMENT.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let system = SYSTEM_PATHS.iter().map(PathBuf::from);
        Ok(Task {
            program: find_git()?,
            arguments: words.into_iter().map(str::to_owned).collect(),
            environment: environment.collect(),
            readable: system.chain([self.folder.clone()]).collect(),
            writable: Vec::new(),
            scratch: None,
            limits: Limits::BUILD,
            user: None,
        })
    }
}

fn find_git() -> Result<PathBuf, String> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join("git"));
    found
        .filter_map(|path| path.canonicalize().ok())
        .find(|path| path.is_file())
        .ok_or_else(|| "it is a git repository, but git is not installed here".to_owned())
}
