//! A folder with files to give to the program, and commands that must refuse them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use walkdir::WalkDir;

/// How long a command may take to refuse its input on the busiest machine.
const LIMIT: Duration = Duration::from_secs(60);

/// The first line of a log: 20 seeds of a test that does not exist.
pub(crate) const GRADING: &str = r#"{"kind":"grading","version":1,"stages":["2A"],"tests":[{"test":"2A::x","stage":"2A","title":"","limit_seconds":1}],"clock":"sim","runs":20,"seeds":"0123","harness":"","rubric":""}
"#;

/// The line of a log that says that alice's submission compiles.
pub(crate) const BUILD: &str = r#"{"kind":"build","student":"alice","submission":"","outcome":"built","wall_seconds":1}
"#;

/// A rubric for the test that does not exist.
pub(crate) const RUBRIC: &str =
    "version = 1\nformula = \"rate\"\n[stage.2A]\npoints = 1\ntests.x = { points = 1 }\n";

/// A folder in which commands run.
pub(crate) struct Bench {
    folder: TempDir,
}

/// What a command has said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl Bench {
    /// A folder with what all tests need: submissions of alice and bob, a roster, a grading with its rubric, and things
    /// of the wrong kind.
    pub(crate) fn new() -> Self {
        let bench = Bench { folder: tempfile::tempdir().expect("the disk is writable") };
        for (path, text) in [
            ("subs/alice.rs", "fn a() {}"),
            ("subs/bob.rs", "fn b() {}"),
            ("roster.csv", "student,id\nalice,1\nbob,2\n"),
            ("graded/runs.jsonl", &[GRADING, BUILD].concat()),
            ("rubric.toml", RUBRIC),
            ("file", "mine\n"),
            ("other/notes.txt", "mine\n"),
            ("short", "secret\n"),
            ("binary", "\u{0}\u{1}"),
        ] {
            bench.write(path, text);
        }
        std::fs::write(bench.path("latin1"), b"student\nM\xfcller\n").expect("it is writable");
        std::fs::create_dir(bench.path("empty")).expect("the disk is writable");
        let made = Command::new("mkfifo").arg(bench.path("fifo")).status();
        assert!(made.is_ok_and(|status| status.success()), "no FIFO was made");
        bench
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and makes the folders above it.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        let folder = path.parent().expect("it has a folder");
        std::fs::create_dir_all(folder).expect("the disk is writable");
        std::fs::write(path, text).expect("the disk is writable");
    }

    /// Checks that a command, whose words are separated by blanks, refuses its input with all these words.
    pub(crate) fn refuses(&self, command: &str, words: &[&str]) {
        let arguments: Vec<&OsStr> = command.split(' ').map(OsStr::new).collect();
        self.refuses_arguments(&arguments, words);
    }

    /// The same for any arguments.
    pub(crate) fn refuses_arguments(&self, arguments: &[&OsStr], words: &[&str]) {
        let before = self.files();
        let said = self.run(Command::new(env!("CARGO_BIN_EXE_grade")).args(arguments));
        let show = format!("{arguments:?}: {}", said.errors);
        assert_eq!(said.code, Some(2), "{show}");
        assert_eq!(said.output, "", "{show}");
        assert!(said.errors.starts_with("error: "), "{show}");
        for word in words {
            assert!(said.errors.contains(word), "\"{word}\" is missing in {show}");
        }
        for word in ["(os error", "panicked", "BACKTRACE", "compiling"] {
            assert!(!said.errors.contains(word), "{show}");
        }
        assert!(self.files() == before, "something was written: {show}");
    }

    /// Runs a command in the folder. It must end.
    pub(crate) fn run(&self, command: &mut Command) -> Said {
        command.current_dir(self.folder.path()).stdin(Stdio::null()).process_group(0);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let started = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("it can be waited for") {
                break status;
            }
            if started.elapsed() > LIMIT {
                // The program may not heed a request to end.
                child.kill().expect("it can be killed");
                panic!("{command:?} did not end");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let read = |pipe: &mut dyn Read| {
            let mut bytes = Vec::new();
            pipe.read_to_end(&mut bytes).expect("it can be read");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Said {
            code: status.code(),
            output: child.stdout.take().map_or_else(String::new, |mut pipe| read(&mut pipe)),
            errors: child.stderr.take().map_or_else(String::new, |mut pipe| read(&mut pipe)),
        }
    }

    /// All that is in the folder, with the contents of files.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = WalkDir::new(self.folder.path()).into_iter().filter_map(Result::ok);
        let read = |path: &Path| if path.is_file() { std::fs::read(path) } else { Ok(Vec::new()) };
        entries
            .map(|entry| (entry.path().to_owned(), read(entry.path()).unwrap_or_default()))
            .collect()
    }
}

/// Bytes that are no UTF-8, as an argument.
pub(crate) fn bytes(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}
