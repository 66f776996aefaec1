//! The builder of submissions.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;

use super::base::Base;
use super::error::BuildError;
use super::messages::explain;
use super::script::{self, Folders};
use super::watch::{self, Budget, End};
use super::workspace::Workspace;
use crate::files::write_file;
use crate::sandbox::{Isolation, Limits, Sandbox};
use crate::scratch;
use crate::submission::StudentFiles;
use crate::usage::Usage;

/// How long a compilation may go on without using the processor.
const ASLEEP: Duration = Duration::from_secs(120);

/// How submissions are compiled.
#[derive(Debug, Clone)]
pub(crate) struct BuildOptions {
    /// The processor time that compiling one submission may use.
    pub(crate) processor_time: Duration,
    /// Files that replace the workspace's own, for all submissions. Only the checks of the grader have any.
    pub(crate) workspace: BTreeMap<PathBuf, String>,
}

impl Default for BuildOptions {
    /// 300 s of processor time, and the workspace as it is.
    fn default() -> Self {
        BuildOptions { processor_time: Duration::from_secs(300), workspace: BTreeMap::new() }
    }
}

/// Compiles submissions.
pub(crate) struct Builder {
    sandbox: Sandbox,
    options: BuildOptions,
    base: Base,
}

impl Builder {
    /// Compiles what all submissions have in common, unless that has been done.
    ///
    /// # Errors
    ///
    /// If it does not compile.
    pub(crate) fn open(
        workspace: &Workspace,
        sandbox: Sandbox,
        options: BuildOptions,
    ) -> Result<Self, String> {
        Ok(Builder { sandbox, options, base: Base::open(workspace)? })
    }

    /// The program that judges. It holds no code of a submission.
    pub(crate) fn judge(&self) -> PathBuf {
        self.base.lab()
    }

    /// Compiles a submission in the sandbox, and leaves the program in `out`, an empty folder. Returns the
    /// path of the program. It is for the nodes of a run only.
    ///
    /// # Errors
    ///
    /// Why there is no program.
    pub(crate) fn build(&self, files: &StudentFiles, out: &Path) -> Result<PathBuf, BuildError> {
        self.build_measured(files, out).map(|(program, _)| program)
    }

    /// The same, and what compiling has used.
    ///
    /// # Errors
    ///
    /// Why there is no program.
    pub(crate) fn build_measured(
        &self,
        files: &StudentFiles,
        out: &Path,
    ) -> Result<(PathBuf, Usage), BuildError> {
        let submission = self.unpack(files).map_err(BuildError::Fault)?;
        let (end, used) = self.run_script(submission.path(), out).map_err(BuildError::Fault)?;
        let program = out.join("lab");
        match end {
            End::Exited(status) if status.success() && program.is_file() => Ok((program, used)),
            End::Exited(status) => Err(explain(out, status, &self.limits())),
            End::UsedUp => {
                let limit = self.options.processor_time.as_secs();
                let problem = format!("the compiler did not finish within {limit} s of work");
                Err(BuildError::Compiler(problem))
            }
            End::Asleep => {
                let limit = ASLEEP.as_secs();
                let problem = format!("the compiler did nothing for {limit} s, and did not end");
                Err(BuildError::Fault(problem))
            }
        }
    }

    /// Runs the script that compiles a submission.
    fn run_script(&self, submission: &Path, out: &Path) -> Result<(End, Usage), String> {
        // Bubblewrap gives each submission a build folder of its own.
        let has_own_folder = self.sandbox.isolation == Isolation::Bubblewrap;
        let _lock = if has_own_folder { None } else { Some(self.base.take_build_folder()?) };
        let Base { toolchain, folder: base, build_folder: build, .. } = &self.base;
        let folders = Folders { base, build, submission, out };
        let mut command = self.sandbox.command(&script::task(&folders, toolchain));
        let messages = File::create(out.join("script.txt"))
            .map_err(|error| format!("cannot write to {}: {error}", out.display()))?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(messages);
        watch::run(command, Budget { processor: self.options.processor_time, asleep: ASLEEP })
    }

    /// Writes the files of a submission to a temporary folder.
    fn unpack(&self, files: &StudentFiles) -> Result<TempDir, String> {
        let folder = scratch::folder()?;
        let workspace = self.options.workspace.iter();
        let workspace = workspace.map(|(path, content)| (path.as_path(), content.as_str()));
        for (path, content) in workspace.chain(files.iter()) {
            write_file(&folder.path().join(path), content)?;
        }
        Ok(folder)
    }

    /// The limits of a compilation, for the student.
    fn limits(&self) -> String {
        let Limits { data, file, .. } = Limits::BUILD;
        format!(
            "its limits are {} GiB of memory, {} s of work, and {} MiB for each file",
            data >> 30,
            self.options.processor_time.as_secs(),
            file >> 20
        )
    }
}
