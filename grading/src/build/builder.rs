//! The builder of submissions.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use parking_lot::Mutex;
use records::TestInfo;
use tempfile::TempDir;

use super::base::Base;
use super::error::BuildError;
use super::messages::{check_lints, explain};
use super::script::{self, Folders, packages};
use super::time_limit;
use crate::files::write_file;
use crate::policy::Policy;
use crate::sandbox::{Isolation, Sandbox};
use crate::submission::StudentFiles;

/// How long a compilation may take.
const TIME_LIMIT: Duration = Duration::from_secs(180);

/// What `timeout` exits with when the time is up.
const TIMED_OUT: &str = "124";

/// A compiled submission.
#[derive(Debug)]
pub(crate) struct Program {
    /// The test runner, with the suites and the submission in it.
    pub(crate) path: PathBuf,
    /// The submission's crates alone.
    pub(crate) libraries: Vec<Vec<u8>>,
}

/// Compiles submissions.
pub(crate) struct Builder {
    sandbox: Sandbox,
    base: Base,
    /// Held while a submission is compiled where the sandbox does not give each one a build folder of its
    /// own.
    in_use: Mutex<()>,
}

impl Builder {
    /// Compiles what all submissions have in common, unless that has been done.
    ///
    /// # Errors
    ///
    /// If it does not compile, or if another grader is using the folder.
    pub(crate) fn open(sandbox: Sandbox) -> Result<Self, String> {
        Ok(Builder { sandbox, base: Base::open()?, in_use: Mutex::new(()) })
    }

    /// All tests that exist.
    ///
    /// # Errors
    ///
    /// If the test runner does not list them.
    pub(crate) fn tests(&self) -> Result<Vec<TestInfo>, String> {
        self.base.tests()
    }

    /// Identifies everything that submissions are compiled with.
    pub(crate) fn harness(&self) -> &str {
        &self.base.harness
    }

    /// Compiles a submission in the sandbox, and leaves the program in `out`, an empty folder.
    ///
    /// # Errors
    ///
    /// Why there is no program.
    pub(crate) fn build(
        &self,
        files: &StudentFiles,
        out: &Path,
        policy: Policy,
    ) -> Result<Program, BuildError> {
        let submission = unpack(files).map_err(BuildError::Fault)?;
        let status = self.run_script(submission.path(), out, policy).map_err(BuildError::Fault)?;
        if policy.is_enforced() {
            for messages in ["build.json", "clippy.json"] {
                check_lints(&std::fs::read_to_string(out.join(messages)).unwrap_or_default())?;
            }
        }
        let Some(status) = status else {
            let limit = TIME_LIMIT.as_secs();
            let problem = format!("the compiler did not finish within {limit} s");
            return Err(BuildError::Compiler(problem));
        };
        if policy.is_enforced() && status.success() {
            check_clippy_finished(out)?;
        }
        match read_libraries(out) {
            Ok(libraries) if status.success() => Ok(Program { path: out.join("lab"), libraries }),
            _ => Err(explain(out, status)),
        }
    }

    /// Runs the script that compiles a submission. `None` if it takes too long.
    fn run_script(
        &self,
        submission: &Path,
        out: &Path,
        policy: Policy,
    ) -> Result<Option<ExitStatus>, String> {
        let has_own_folder = self.sandbox.isolation == Isolation::Bubblewrap;
        let _guard = (!has_own_folder).then(|| self.in_use.lock());
        if !has_own_folder {
            self.base.copy_to_build_folder()?;
        }
        let Base { toolchain, folder: base, build_folder: build, .. } = &self.base;
        let folders = Folders { base, build, submission, out };
        let task = script::task(&folders, toolchain, has_own_folder, policy);
        let mut command = self.sandbox.command(&task)?;
        let messages = File::create(out.join("script.txt"))
            .map_err(|error| format!("cannot write to {}: {error}", out.display()))?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(messages);
        time_limit::run(command, TIME_LIMIT)
    }
}

/// Writes the files of a submission to a temporary folder.
fn unpack(files: &StudentFiles) -> Result<TempDir, String> {
    let folder = tempfile::tempdir()
        .map_err(|error| format!("cannot create a temporary folder: {error}"))?;
    for (path, content) in files.iter() {
        write_file(&folder.path().join(path), content)?;
    }
    Ok(folder)
}

fn check_clippy_finished(out: &Path) -> Result<(), BuildError> {
    let code = std::fs::read_to_string(out.join("clippy.code")).unwrap_or_default();
    if code.trim() == TIMED_OUT {
        return Err(BuildError::Compiler("clippy did not finish within 60 s".to_owned()));
    }
    Ok(())
}

fn read_libraries(out: &Path) -> io::Result<Vec<Vec<u8>>> {
    packages().map(|package| std::fs::read(out.join(format!("{package}.rlib")))).collect()
}
