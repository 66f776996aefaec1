//! Submissions that are git repositories: what is committed on their branch is what was handed in.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::{ENTRY_LIMIT, FILE_LIMIT, Sources, inner_path, is_a_link, is_source, too_many};
use crate::sandbox::{Limits, Sandbox, Task};
use crate::toolchain::SYSTEM;

/// Whether a path is a repository, bare or with a work tree.
pub(super) fn is_repository(path: &Path) -> bool {
    path.join(".git").exists() || (path.join("HEAD").is_file() && path.join("objects").is_dir())
}

/// The Rust files of the commit that HEAD names.
///
/// A repository can name programs for git to run. The two commands used here run none of them, and the
/// sandbox lets them reach nothing anyway.
pub(super) fn sources(path: &Path, sandbox: &Sandbox) -> Result<Sources, String> {
    let path = path.canonicalize().map_err(|error| format!("it cannot be read: {error}"))?;
    let git_folder = if path.join(".git").exists() { path.join(".git") } else { path.clone() };
    let git = |arguments: &[&str]| run(&path, &git_folder, sandbox, arguments);
    let listing = git(&["ls-tree", "-r", "-z", "-l", "--full-tree", "HEAD"])?;
    let listing = String::from_utf8_lossy(&listing).into_owned();
    let mut sources = Sources::new();
    for (count, line) in listing.split('\0').filter(|line| !line.is_empty()).enumerate() {
        if count > ENTRY_LIMIT {
            return Err(too_many());
        }
        let entry = line.split_once('\t');
        let (head, name) = entry.ok_or("its list of files cannot be read")?;
        let path = inner_path(Path::new(name))?;
        if !is_source(&path) {
            continue;
        }
        let fields: Vec<&str> = head.split_whitespace().collect();
        let [mode, "blob", object, size] = fields.as_slice() else {
            continue;
        };
        if *mode == "120000" {
            return Err(is_a_link(&path));
        }
        if size.parse().is_ok_and(|size: u64| size > FILE_LIMIT) {
            let limit = FILE_LIMIT >> 20;
            return Err(format!("{name} is larger than {limit} MiB, for a source file"));
        }
        sources.insert(path, git(&["cat-file", "blob", object])?);
    }
    Ok(sources)
}

fn run(
    repository: &Path,
    git_folder: &Path,
    sandbox: &Sandbox,
    arguments: &[&str],
) -> Result<Vec<u8>, String> {
    let own = ["-c", "safe.directory=*", "-c", "protocol.allow=never", "--no-pager", "--git-dir"];
    let git_folder = git_folder.display().to_string();
    let words = own.iter().copied().chain([git_folder.as_str()]).chain(arguments.iter().copied());
    let settings = [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_NO_LAZY_FETCH", "1"),
        ("PATH", "/usr/bin:/bin:/usr/local/bin"),
    ];
    let task = Task {
        program: find_git()?,
        arguments: words.map(str::to_owned).collect(),
        environment: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        readable: SYSTEM.iter().map(PathBuf::from).chain([repository.to_owned()]).collect(),
        writable: Vec::new(),
        scratch: None,
        limits: Limits::BUILD,
        user: None,
    };
    let mut command = sandbox.command(&task)?;
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("git does not start: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let problem = String::from_utf8_lossy(&output.stderr);
    let line = problem.lines().last().unwrap_or("git fails");
    Err(format!("it is no git repository that can be read: {line}"))
}

fn find_git() -> Result<PathBuf, String> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join("git"));
    found
        .filter_map(|path| path.canonicalize().ok())
        .find(|path| path.is_file())
        .ok_or_else(|| "it is a git repository, and git is not installed here".to_owned())
}
