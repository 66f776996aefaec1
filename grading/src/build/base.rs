//! What all submissions have in common, compiled once.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::workspace::Workspace;
use crate::files::write_file;
use crate::handout::Handout;
use crate::lock::Lock;
use crate::toolchain::Toolchain;
use crate::tree::{self, hash_files};
use crate::{dependencies, interrupt};

/// What is compiled for each submission: the crates of students, and those above them.
const RECOMPILED: &[&str] = &["raft", "kvraft", "shardkv", "submission", "lab"];

/// The workspace's own compiler. Settings in the workspace do not count where submissions are compiled.
const COMPILER: &str = ".cargo/rustc";

/// What all submissions have in common, compiled.
pub(super) struct Base {
    pub(super) toolchain: Toolchain,
    /// The compiled workspace, which nothing writes to.
    pub(super) folder: PathBuf,
    /// Where the workspace was compiled, and where each submission is compiled. It is the same folder for
    /// all, because cargo compiles everything again when paths change.
    pub(super) build_folder: PathBuf,
    /// Held while this program runs, so that no other one replaces the base.
    lock: Lock,
}

impl Base {
    /// Compiles what all submissions have in common, unless that has been done. Several graders can use the same
    /// base at a time; who has to compile another one waits for them.
    ///
    /// # Errors
    ///
    /// If it does not compile.
    pub(super) fn open(workspace: &Workspace) -> Result<Self, String> {
        let folder = tree::root().join("target/grading");
        let lock = Lock::shared(&folder.join("lock"))?;
        let build_folder = folder.join("build");
        let wrapper = build_folder.join("workspace").join(COMPILER);
        let base = Base {
            toolchain: Toolchain::find(&folder, RECOMPILED, &wrapper)?,
            folder: folder.join("base"),
            build_folder,
            lock,
        };
        base.prepare(workspace)?;
        Ok(base)
    }

    /// Waits until no other submission is compiled in the build folder, and empties it. It stays this caller's until
    /// the lock is dropped.
    ///
    /// # Errors
    ///
    /// If it cannot be written to.
    pub(super) fn take_build_folder(&self) -> Result<Lock, String> {
        let lock = Lock::exclusive(&self.build_folder.with_extension("lock"))?;
        remove(&self.build_folder)?;
        std::fs::create_dir_all(&self.build_folder)
            .map_err(|error| format!("cannot create {}: {error}", self.build_folder.display()))?;
        Ok(lock)
    }

    /// Compiles the base, unless it is ready.
    fn prepare(&self, workspace: &Workspace) -> Result<(), String> {
        let key = self.key(&workspace.harness().hash)?;
        // Another grader may replace the base in the moment between the two kinds of lock.
        while !self.is_ready(&key) {
            self.lock
                .make_exclusive("note: waiting for another grader of this workspace to end")?;
            if !self.is_ready(&key) {
                self.compile_anew(&workspace.handout, &key)?;
            }
            self.lock.make_shared()?;
        }
        Ok(())
    }

    fn is_ready(&self, key: &str) -> bool {
        std::fs::read_to_string(self.folder.join("ready")).is_ok_and(|found| found == key)
    }

    fn compile_anew(&self, handout: &Handout, key: &str) -> Result<(), String> {
        eprintln!("compiling what all submissions have in common (only once)");
        remove(&self.build_folder)?;
        dependencies::download(&tree::root())?;
        self.keep_dependencies()?;
        remove(&self.folder)?;
        handout.write(&self.build_folder.join("workspace"))?;
        self.compile()?;
        self.split()?;
        std::fs::rename(&self.build_folder, &self.folder)
            .map_err(|error| format!("cannot write to {}: {error}", self.folder.display()))?;
        write_file(&self.folder.join("compiler"), self.compiler_key()?)?;
        write_file(&self.folder.join("ready"), key)
    }

    /// Keeps what an earlier base has compiled, if it was the same compiler: cargo compiles only what has changed
    /// since. The files of the workspace always count as changed, because they are written again.
    fn keep_dependencies(&self) -> Result<(), String> {
        let compiler = std::fs::read_to_string(self.folder.join("compiler"));
        if compiler.ok() != Some(self.compiler_key()?) {
            return Ok(());
        }
        std::fs::create_dir_all(&self.build_folder)
            .and_then(|()| {
                let target = self.folder.join("target");
                std::fs::rename(target, self.build_folder.join("target"))
            })
            .map_err(|error| format!("cannot write to {}: {error}", self.build_folder.display()))
    }

    /// Identifies everything that the compiled base depends on.
    fn key(&self, harness: &str) -> Result<String, String> {
        let compiler = self.compiler_key()?;
        let parts = [("harness", harness.as_bytes()), ("compiler", compiler.as_bytes())];
        Ok(hash_files(parts.map(|(name, content)| (Path::new(name), content))))
    }

    /// Identifies the compiler and its settings.
    fn compiler_key(&self) -> Result<String, String> {
        let version = Command::new("rustc").arg("-vV").output();
        let version = version.map_err(|error| format!("cannot start rustc: {error}"))?.stdout;
        let environment = format!("{:?}", self.toolchain.environment());
        let build_folder = self.build_folder.display().to_string();
        let parts = [
            (Path::new("rustc"), version.as_slice()),
            (Path::new("environment"), environment.as_bytes()),
            (Path::new("settings"), self.toolchain.settings.as_bytes()),
            (Path::new("build folder"), build_folder.as_bytes()),
        ];
        Ok(hash_files(parts))
    }

    /// The program that judges, which holds no code of a submission.
    pub(super) fn lab(&self) -> PathBuf {
        self.folder.join("lab")
    }

    /// Keeps the program, and removes what is compiled again for each submission: cargo and the compiler
    /// would have to write over it.
    fn split(&self) -> Result<(), String> {
        let folder = self.build_folder.join("target/debug");
        let split = || -> io::Result<()> {
            std::fs::rename(folder.join("lab"), self.build_folder.join("lab"))?;
            std::fs::remove_file(folder.join("lab.d"))?;
            for inner in ["deps", ".fingerprint"] {
                remove_units(&folder.join(inner))?;
            }
            Ok(())
        };
        split().map_err(|error| format!("cannot prepare {}: {error}", folder.display()))
    }

    fn compile(&self) -> Result<(), String> {
        let mut command = Command::new(self.toolchain.cargo());
        command.args(["build", "--package", "lab", "--offline", "--quiet"]);
        command.current_dir("/").env_clear();
        command.arg("--manifest-path").arg(self.build_folder.join("workspace/Cargo.toml"));
        command.envs(self.toolchain.environment());
        command.env("CARGO_TARGET_DIR", self.build_folder.join("target"));
        let output = command.output().map_err(|error| format!("cannot start cargo: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        // Ctrl-C in a terminal reaches cargo, too.
        if interrupt::requested() {
            return Err("interrupted while the workspace was compiled".to_owned());
        }
        let problem = String::from_utf8_lossy(&output.stderr);
        let left_out = tree::unknown_to_git(&tree::root())?;
        let left_out = match left_out.is_empty() {
            true => String::new(),
            false => format!(
                "\nGit does not know these files, so they were left out: {}. Add them with git add",
                left_out.join(", ")
            ),
        };
        Err(format!("the workspace itself does not compile:\n{}{left_out}", problem.trim_end()))
    }
}

/// Removes what belongs to crates that are compiled for each submission.
fn remove_units(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // The name of the crate, perhaps as a library, and a hash.
        let name = name.rsplit_once('-').map_or("", |(name, _)| name);
        let is_of = |package: &str| name.strip_prefix("lib").unwrap_or(name) == package;
        if !RECOMPILED.iter().any(|package| is_of(package)) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            // A build script does not depend on the crates of students, and is not run again.
            if !is_of_build_script(&entry.path())? {
                std::fs::remove_dir_all(entry.path())?;
            }
        } else {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Whether a folder of fingerprints is about a build script.
fn is_of_build_script(folder: &Path) -> io::Result<bool> {
    for file in std::fs::read_dir(folder)? {
        if file?.file_name().to_string_lossy().contains("build-script") {
            return Ok(true);
        }
    }
    Ok(false)
}

fn remove(folder: &Path) -> Result<(), String> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}
