//! Reading the objects of a git repository: one process tells their sizes, another one their contents, so
//! that nothing large is ever read.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The options of each git command. The repository's own settings do not override them.
const OPTIONS: &[&str] = &[
    "-c",
    "safe.directory=*",
    "-c",
    "protocol.allow=never",
    "-c",
    "core.bigFileThreshold=1m",
    "-c",
    "core.deltaBaseCacheLimit=4m",
    "-c",
    "core.packedGitWindowSize=1m",
    "-c",
    "core.packedGitLimit=8m",
    "-c",
    "core.alternateRefsCommand=false",
    "--no-pager",
    "--git-dir",
];

/// The whole environment of each git command, besides the search path.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
];

/// The longest line in which git describes an object, in bytes.
const HEADER_LENGTH: u64 = 1_000;

/// An object that exists.
#[derive(Debug)]
pub(super) struct Object {
    /// Its name, in hexadecimal digits.
    pub(super) id: String,
    /// What it is: `blob`, `tree`, `commit` or `tag`.
    pub(super) kind: String,
    /// Its size in bytes.
    pub(super) size: u64,
}

/// The objects of a repository.
pub(super) struct Objects {
    sizes: Conversation,
    contents: Conversation,
}

/// A git process that answers a line about each object that it is asked for.
struct Conversation {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Objects {
    /// The objects of the repository in this folder.
    ///
    /// # Errors
    ///
    /// If git does not start, which is not the student's fault.
    pub(super) fn open(git_folder: &Path) -> Result<Self, String> {
        let start = |option| Conversation::start(git_folder, option);
        Ok(Objects { sizes: start("--batch-check")?, contents: start("--batch")? })
    }

    /// Looks up an object. `None` if there is none.
    pub(super) fn find(&mut self, name: &str) -> Option<Object> {
        self.sizes.ask(name)
    }

    /// Reads an object. `None` if it is damaged.
    pub(super) fn read(&mut self, object: &Object) -> Option<Vec<u8>> {
        let found = self.contents.ask(&object.id)?;
        if (found.size, &found.kind) != (object.size, &object.kind) {
            return None;
        }
        let mut content = Vec::new();
        self.contents.answers.by_ref().take(object.size + 1).read_to_end(&mut content).ok()?;
        let end = content.pop();
        (end == Some(b'\n') && content.len() as u64 == object.size).then_some(content)
    }
}

impl Conversation {
    fn start(git_folder: &Path, option: &str) -> Result<Self, String> {
        let mut command = Command::new("git");
        command.args(OPTIONS).arg(git_folder).args(["cat-file", option]).env_clear();
        command.envs(ENVIRONMENT.iter().copied());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let fail = |error| format!("it is a git repository, but git does not start here: {error}");
        let mut process = command.spawn().map_err(fail)?;
        match (process.stdin.take(), process.stdout.take()) {
            (Some(questions), Some(answers)) => {
                Ok(Conversation { process, questions, answers: BufReader::new(answers) })
            }
            _ => Err("git has no input or output".to_owned()),
        }
    }

    fn ask(&mut self, name: &str) -> Option<Object> {
        writeln!(self.questions, "{name}").ok()?;
        let mut line = String::new();
        self.answers.by_ref().take(HEADER_LENGTH).read_line(&mut line).ok()?;
        let mut words = line.strip_suffix('\n')?.split(' ');
        let (id, kind, size) = (words.next()?, words.next()?, words.next()?);
        let is_id = !id.is_empty() && id.bytes().all(|digit| digit.is_ascii_hexdigit());
        let object = Object { id: id.to_owned(), kind: kind.to_owned(), size: size.parse().ok()? };
        (is_id && words.next().is_none()).then_some(object)
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        // It may wait for somebody to read an answer.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
