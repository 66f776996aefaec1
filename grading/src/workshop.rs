//! Where submissions are compiled.
//!
//! What all have in common, the packages and everything of the workspace that is not the students', is
//! compiled once, with stubs in the place of their files. A submission gets a copy of that, in the
//! sandbox, and costs few crates: its own, the suites, and the program.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use records::TestInfo;
use rustix::fs::{FlockOperation, flock};
use serde::Deserialize;

use crate::grade::Gates;
use crate::handout::Handout;
use crate::interrupt;
use crate::sandbox::{Limits, Sandbox, Task, Wall};
use crate::stages;
use crate::submission::Taken;
use crate::toolchain::Toolchain;
use crate::tree::{self, hash_files};

/// How long a compilation may take.
const TIME_LIMIT: Duration = Duration::from_secs(180);

/// The most that a compilation may write, in bytes, where the sandbox has a size.
const SCRATCH: u64 = 3 << 30;

/// The most of a compiler's messages that is kept, in characters.
const MESSAGE_LIMIT: usize = 6_000;

/// The disallowed items of submissions, for clippy.
const CLIPPY: &str = include_str!("../policy/clippy.toml");

/// How to build a submission, after the copying. From the root: cargo looks for settings in the folders
/// above where it is started. Clippy's time is limited: it can take for ever over what
/// the compiler refuses at once.
const SCRIPT: &str = r#"
set -e
base=$1 bench=$2 submission=$3 out=$4 copy=$5 gates=$6
shift 6
if [ "$copy" = copy ]; then cp -a "$base/." "$bench"; fi
cp -R "$submission/." "$bench/workspace"
cd /
export CARGO_TARGET_DIR=$bench/target TMPDIR=$bench/tmp
packages=
for package; do packages="$packages --package $package"; done
CLIPPY_CONF_DIR=$bench/policy timeout 60 cargo clippy --manifest-path "$bench/workspace/Cargo.toml" --frozen --quiet \
  $packages --no-deps \
  --message-format json -- -F clippy::disallowed_methods -F clippy::disallowed_types \
  >"$out/clippy.json" 2>"$out/clippy.txt" || echo $? >"$out/clippy.code"
if grep -q '"code":"clippy::disallowed' "$out/clippy.json" && [ "$gates" = shut ]; then exit 1; fi
cargo build --manifest-path "$bench/workspace/Cargo.toml" --frozen --quiet --package lab \
  --message-format json >"$out/build.json" 2>"$out/build.txt"
cp "$bench/target/debug/lab" "$out/lab"
for package; do cp "$bench/target/debug/deps/lib$package-"*.rlib "$out/$package.rlib"; done
"#;

/// A compiled submission.
#[derive(Debug)]
pub(crate) struct Program {
    /// The runner with the suites and the submission in it.
    pub(crate) path: PathBuf,
    /// The submission's crates alone.
    pub(crate) libraries: Vec<Vec<u8>>,
}

/// Why a submission is not compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It uses what it may not.
    Policy(String),
    /// The compiler refuses it, or does not come to an end.
    Build(String),
    /// The workshop is at fault.
    Fault(String),
}

/// Where submissions are compiled.
pub(crate) struct Workshop {
    sandbox: Sandbox,
    toolchain: Toolchain,
    /// What all have in common, compiled.
    base: PathBuf,
    /// Where the base was compiled, and where each submission is: paths are part of what cargo compares.
    bench: PathBuf,
    /// Identifies everything but the submissions.
    pub(crate) harness: String,
    /// Held while the bench is in use, where it is not a sandbox's own.
    in_use: Mutex<()>,
    /// Held as long as this program runs: another one may not use the same folder.
    _lock: File,
}

impl Workshop {
    /// Compiles what all submissions have in common, unless that has been done.
    ///
    /// # Errors
    ///
    /// If it does not compile, or if another grading uses the folder.
    pub(crate) fn open(sandbox: Sandbox) -> Result<Self, String> {
        let handout = Handout::cut(&tree::root(), &stages::all())?;
        let harness = handout.hash();
        let folder = tree::root().join("target/grading");
        let fail = |error| format!("cannot work in {}: {error}", folder.display());
        std::fs::create_dir_all(&folder).map_err(fail)?;
        let lock = File::create(folder.join("lock")).map_err(fail)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| format!("another grading is at work in {}", folder.display()))?;
        let workshop = Workshop {
            sandbox,
            toolchain: Toolchain::find(&folder)?,
            base: folder.join("base"),
            bench: folder.join("bench"),
            harness,
            in_use: Mutex::new(()),
            _lock: lock,
        };
        workshop.prepare(&handout)?;
        Ok(workshop)
    }

    /// All tests there are.
    ///
    /// # Errors
    ///
    /// If the runner does not say.
    pub(crate) fn tests(&self) -> Result<Vec<TestInfo>, String> {
        let mut command = Command::new(self.base.join("target/debug/lab"));
        let output = command.args(["list", "--json"]).output();
        let output = output.map_err(|error| format!("the runner does not start: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let parse = |line| serde_json::from_str(line);
        let tests: Result<Vec<TestInfo>, _> = text.lines().map(parse).collect();
        tests.map_err(|error| format!("the runner's list of tests makes no sense: {error}"))
    }

    fn prepare(&self, handout: &Handout) -> Result<(), String> {
        let version = Command::new("rustc").arg("-vV").output();
        let version = version.map_err(|error| format!("rustc does not start: {error}"))?.stdout;
        let environment = format!("{:?}", self.toolchain.environment());
        let own = [
            (Path::new("harness"), self.harness.as_bytes()),
            (Path::new("rustc"), version.as_slice()),
            (Path::new("clippy"), CLIPPY.as_bytes()),
            (Path::new("environment"), environment.as_bytes()),
        ];
        let key = hash_files(own);
        let ready = self.base.join("ready");
        if std::fs::read_to_string(&ready).is_ok_and(|found| found == key) {
            return Ok(());
        }
        eprintln!("compiling what all submissions have in common, once");
        let fail = |error| format!("cannot prepare {}: {error}", self.bench.display());
        for folder in [&self.base, &self.bench] {
            remove(folder)?;
        }
        let workspace = self.bench.join("workspace");
        handout.write(&workspace)?;
        for folder in ["tmp", "policy"] {
            std::fs::create_dir_all(self.bench.join(folder)).map_err(fail)?;
        }
        std::fs::write(self.bench.join("policy/clippy.toml"), CLIPPY).map_err(fail)?;
        let mut clippy = vec!["clippy", "--no-deps", "--frozen"];
        packages().for_each(|package| clippy.extend(["--package", package]));
        for arguments in [vec!["build", "--package", "lab", "--offline"], clippy] {
            let mut command = Command::new(self.toolchain.cargo());
            command.args(arguments).arg("--quiet").current_dir("/").env_clear();
            command.arg("--manifest-path").arg(workspace.join("Cargo.toml"));
            command.envs(self.toolchain.environment());
            command.env("CARGO_TARGET_DIR", self.bench.join("target"));
            command.env("CLIPPY_CONF_DIR", self.bench.join("policy"));
            let output =
                command.output().map_err(|error| format!("cargo does not start: {error}"))?;
            if !output.status.success() {
                let problem = String::from_utf8_lossy(&output.stderr);
                return Err(format!("the workspace itself does not compile:\n{problem}"));
            }
        }
        std::fs::rename(&self.bench, &self.base).map_err(fail)?;
        std::fs::write(ready, key).map_err(fail)
    }

    /// Compiles a submission in the sandbox. The program is left in `out`, an empty folder.
    ///
    /// # Errors
    ///
    /// Why there is no program.
    pub(crate) fn build(
        &self,
        taken: &Taken,
        out: &Path,
        gates: Gates,
    ) -> Result<Program, Refusal> {
        let fault = |error: std::io::Error| Refusal::Fault(format!("no room to build in: {error}"));
        let submission = tempfile::tempdir().map_err(fault)?;
        for (path, content) in &taken.files {
            let path = submission.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap_or(&path)).map_err(fault)?;
            std::fs::write(&path, content).map_err(fault)?;
        }
        let status = self.run_script(submission.path(), out, gates)?;
        if gates == Gates::Shut {
            for messages in ["build.json", "clippy.json"] {
                check_lints(&std::fs::read_to_string(out.join(messages)).unwrap_or_default())?;
            }
        }
        let Some(status) = status else {
            let limit = TIME_LIMIT.as_secs();
            return Err(Refusal::Build(format!(
                "the compiler has not come to an end in {limit} s"
            )));
        };
        let clippy = std::fs::read_to_string(out.join("clippy.code")).unwrap_or_default();
        if gates == Gates::Shut && clippy.trim() == "124" && status.success() {
            return Err(Refusal::Build("clippy has not come to an end in 60 s".to_owned()));
        }
        let libraries: Result<Vec<Vec<u8>>, _> =
            packages().map(|package| std::fs::read(out.join(format!("{package}.rlib")))).collect();
        match libraries {
            Ok(libraries) if status.success() => Ok(Program { path: out.join("lab"), libraries }),
            _ => Err(explain(out, status)),
        }
    }

    /// Runs the build. `None` if it takes too long.
    fn run_script(
        &self,
        submission: &Path,
        out: &Path,
        gates: Gates,
    ) -> Result<Option<ExitStatus>, Refusal> {
        let has_own_bench = self.sandbox.wall == Wall::Bubblewrap;
        let _guard = (!has_own_bench).then(|| self.in_use.lock());
        if !has_own_bench {
            remove(&self.bench).map_err(Refusal::Fault)?;
            let copied = Command::new("cp").arg("-a").arg(&self.base).arg(&self.bench).status();
            if !copied.is_ok_and(|status| status.success()) {
                let problem = format!("cannot copy to {}", self.bench.display());
                return Err(Refusal::Fault(problem));
            }
        }
        let paths =
            [&self.base, &self.bench, submission, out].map(|path| path.display().to_string());
        let arguments = ["-c", SCRIPT, "build"].map(str::to_owned).into_iter();
        let copy = if has_own_bench { "copy" } else { "keep" };
        let gates = if gates == Gates::Shut { "shut" } else { "open" };
        let mut readable = self.toolchain.readable();
        readable.extend([self.base.clone(), submission.to_owned()]);
        let task = Task {
            program: PathBuf::from("/bin/sh"),
            arguments: arguments
                .chain(paths)
                .chain([copy, gates].map(str::to_owned))
                .chain(packages().map(str::to_owned))
                .collect(),
            environment: self.toolchain.environment(),
            readable,
            writable: vec![out.to_owned()],
            scratch: Some((self.bench.clone(), SCRATCH)),
            limits: Limits::BUILD,
            user: None,
        };
        let command = self.sandbox.command(&task).map_err(Refusal::Fault)?;
        run_limited(command, out).map_err(Refusal::Fault)
    }
}

/// The crates with files of students.
fn packages() -> impl Iterator<Item = &'static str> {
    tree::LABS.iter().map(|lab| lab.package)
}

fn remove(folder: &Path) -> Result<(), String> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Runs a command for as long as the limit allows.
fn run_limited(mut command: Command, out: &Path) -> Result<Option<ExitStatus>, String> {
    let messages = File::create(out.join("script.txt"))
        .map_err(|error| format!("cannot write to {}: {error}", out.display()))?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(messages).process_group(0);
    let begun = Instant::now();
    let mut child =
        command.spawn().map_err(|error| format!("the sandbox does not start: {error}"))?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(Some(status)),
            Ok(None) if begun.elapsed() < TIME_LIMIT && !interrupt::requested() => {
                std::thread::sleep(Duration::from_millis(10));
            }
            _ => {
                interrupt::kill_group(child.id());
                let _ = child.wait();
                let interrupted = interrupt::requested();
                return if interrupted { Err("interrupted".to_owned()) } else { Ok(None) };
            }
        }
    }
}

/// A line of cargo's messages.
#[derive(Deserialize)]
struct Line {
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    code: Option<Code>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

fn messages(json: &str) -> impl Iterator<Item = Message> {
    json.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()?.message)
}

/// What the lints that a submission cannot lower have refused.
fn check_lints(json: &str) -> Result<(), Refusal> {
    let is_refused = |message: &Message| {
        let code = message.code.as_ref().map_or("", |code| code.code.as_str());
        code.starts_with("clippy::disallowed") || code == "unsafe_code" || code == "E0453"
    };
    let refused = messages(json).find(|message| message.level == "error" && is_refused(message));
    match refused.and_then(|message| message.rendered) {
        Some(text) => Err(Refusal::Policy(shorten(text.trim()))),
        None => Ok(()),
    }
}

/// Why there is no program, in the compiler's words.
fn explain(out: &Path, status: ExitStatus) -> Refusal {
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap_or_default();
    let errors: Vec<String> = messages(&read("build.json"))
        .filter(|message| message.level == "error")
        .filter_map(|message| message.rendered)
        .collect();
    if !errors.is_empty() {
        return Refusal::Build(shorten(errors.join("\n").trim()));
    }
    let words = [read("build.txt"), read("script.txt")].concat();
    // Without these the compiler was never asked.
    if !out.join("build.txt").exists() {
        return Refusal::Fault(format!("the sandbox failed ({status}): {}", shorten(words.trim())));
    }
    let limits = "it may use 4 GiB of memory, 10 minutes, and files of 512 MiB";
    Refusal::Build(shorten(&format!("the compiler gave up ({limits}):\n{}", words.trim())))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(MESSAGE_LIMIT) {
        Some((end, _)) => format!("{}\n[and more]", &text[..end]),
        None => text.to_owned(),
    }
}
