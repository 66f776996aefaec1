//! Where code of submissions is compiled and run.
//!
//! The outer wall is bubblewrap, where it is installed and the system lets it work: the code sees
//! neither files beyond those listed, nor the network, nor other processes, nor the environment. Where it
//! does not work, Landlock limits files and the network for the launcher and all below it. In both cases
//! the launcher first limits memory, file sizes and time, and closes every inherited descriptor. The
//! inner wall stands in the runner: each process of a test confines itself before the submission's code
//! starts.

mod bubblewrap;
mod launcher;
mod limits;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

pub(crate) use launcher::{LAUNCHER, Launch, launch};
pub(crate) use limits::Limits;

/// The outer wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wall {
    /// Namespaces, by bubblewrap.
    Bubblewrap,
    /// Landlock, which needs no privileges and no tool.
    Landlock,
    /// Limits alone.
    None,
}

impl Wall {
    /// As records name it; nothing if there is none.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Wall::Bubblewrap => Some("bwrap"),
            Wall::Landlock => Some("landlock"),
            Wall::None => None,
        }
    }
}

/// The walls that this system has to offer.
#[derive(Debug, Clone)]
pub(crate) struct Sandbox {
    pub(crate) wall: Wall,
    /// Why the wall is not a better one.
    pub(crate) note: Option<String>,
    bubblewrap: Option<PathBuf>,
}

/// What is to run inside, and what it may touch. Paths are the same inside as outside.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    /// Files and folders that can be read and executed.
    pub(crate) readable: Vec<PathBuf>,
    /// Folders that can be written to.
    pub(crate) writable: Vec<PathBuf>,
    /// An empty folder that is gone afterwards, with its size in bytes. Without namespaces it has to be
    /// there, can hold more, and stays.
    pub(crate) scratch: Option<(PathBuf, u64)>,
    pub(crate) limits: Limits,
    /// The user to become, if this is root.
    pub(crate) user: Option<u32>,
}

impl Sandbox {
    /// Finds the best wall by trying, or takes the one that is asked for.
    ///
    /// # Errors
    ///
    /// If the wall that is asked for cannot be had.
    pub(crate) fn find(asked: Option<Wall>) -> Result<Self, String> {
        let found = bubblewrap::find();
        let (bubblewrap, problem) = match found {
            Ok(path) => (Some(path), None),
            Err(problem) => (None, Some(problem)),
        };
        let sandbox = |wall, note| Sandbox { wall, note, bubblewrap: bubblewrap.clone() };
        match asked {
            Some(Wall::Bubblewrap) if problem.is_some() => Err(problem.unwrap_or_default()),
            Some(Wall::Landlock) if !launcher::has_landlock() => {
                Err("this kernel has no Landlock".to_owned())
            }
            Some(wall) => Ok(sandbox(wall, None)),
            None if bubblewrap.is_some() => Ok(sandbox(Wall::Bubblewrap, None)),
            None if launcher::has_landlock() => Ok(sandbox(Wall::Landlock, problem)),
            None => Ok(sandbox(Wall::None, problem)),
        }
    }

    /// The command that runs the task inside. The environment of this process does not get in.
    ///
    /// # Errors
    ///
    /// If this program cannot find itself.
    pub(crate) fn command(&self, task: &Task) -> Result<Command, String> {
        let own = std::env::current_exe()
            .map_err(|error| format!("this program's own file is unknown: {error}"))?;
        let mut command = Command::new(own);
        command.env_clear().arg(LAUNCHER).args(task.limits.to_arguments());
        match (self.wall, &self.bubblewrap) {
            (Wall::Bubblewrap, Some(program)) => {
                command.arg("--").arg(program).args(bubblewrap::arguments(task));
            }
            (wall, _) => {
                if wall == Wall::Landlock {
                    command.args(landlock_arguments(task));
                }
                command.envs(task.environment.iter().map(|(name, value)| (name, value)));
                command.arg("--").arg(&task.program).args(&task.arguments);
            }
        }
        if let Some(user) = task.user.filter(|_| is_root()) {
            use std::os::unix::process::CommandExt;
            command.uid(user).gid(user);
        }
        Ok(command)
    }
}

fn landlock_arguments(task: &Task) -> Vec<String> {
    let show = |option: &str, path: &Path| format!("{option}={}", path.display());
    let scratch = task.scratch.as_ref().map(|(path, _)| path);
    // The runner looks at the memory of its processes there.
    let processes = PathBuf::from("/proc");
    let readable = task.readable.iter().chain([&task.program, &processes]);
    let mut arguments: Vec<String> = readable.map(|path| show("--read", path)).collect();
    arguments.extend(task.writable.iter().chain(scratch).map(|path| show("--write", path)));
    arguments
}

/// Whether this process may become any user.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
