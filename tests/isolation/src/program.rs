//! A program, and how processes of it start.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::Pid;

use crate::inherited::{Inherited, keep};
#[cfg(target_os = "linux")]
use crate::linux::Confinement;
use crate::process::Process;
#[cfg(not(target_os = "linux"))]
use crate::unsupported::Confinement;

/// The lowest number for the descriptor of a program. The kernel puts its digits on the stack of each new
/// process, where their count moves addresses: there are always three.
#[cfg(target_os = "linux")]
const LOWEST_DESCRIPTOR: i32 = 100;

/// What a process is told to be called.
const NAME: &str = "lab";

/// The user as which confined processes run if this process is root. It owns no files.
const USER: u32 = 63_999;

/// A program file. On Linux it is held open: a process of it starts even if the file was replaced, or if its
/// folder is closed to the user that the process runs as.
#[derive(Debug)]
pub struct Program {
    path: PathBuf,
    /// The open file that `path` names.
    file: OwnedFd,
    confinement: Option<Confinement>,
    user: Option<u32>,
}

/// How a process starts.
#[derive(Debug)]
pub struct Start<'a> {
    /// The arguments, without the name of the program.
    pub arguments: &'a [&'a str],
    /// What it sees of this process's environment.
    pub variables: Variables,
    /// Which group of processes it belongs to.
    pub group: Group,
    /// Its standard input.
    pub stdin: OwnedFd,
    /// Its standard output; the same as its error output if `None`.
    pub stdout: Option<OwnedFd>,
    /// Its error output.
    pub output: OwnedFd,
    /// A further descriptor, which the process gets from [`inherited`](crate::inherited()).
    pub inherited: Option<OwnedFd>,
}

/// The environment variables that a process inherits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variables {
    /// All.
    All,
    /// Only those with these names.
    Only(&'static [&'static str]),
}

/// A group of processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// A new group, which the process leads.
    Own,
    /// The group that another process leads.
    Of(Pid),
}

impl Program {
    /// Opens a program file.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = OwnedFd::from(File::open(path)?);
        #[cfg(target_os = "linux")]
        let file = rustix::io::fcntl_dupfd_cloexec(file, LOWEST_DESCRIPTOR)?;
        let path = if cfg!(target_os = "linux") {
            PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
        } else {
            path.to_owned()
        };
        Ok(Program { path, file, confinement: None, user: None })
    }

    /// Confines all processes of this program that are started from now on.
    ///
    /// # Errors
    ///
    /// If this system cannot confine them.
    pub fn confine(self) -> Result<Self, String> {
        let confinement = Confinement::new(&self.file)?;
        Ok(Program { confinement: Some(confinement), ..self })
    }

    /// If this process is root: lets processes run as an unprivileged user from now on. That fails when they
    /// are started, if root may not become any user here, as in some containers.
    pub fn give_up_root(self) -> Self {
        let user = rustix::process::geteuid().is_root().then_some(USER);
        Program { user, ..self }
    }

    /// What confines its processes, such as `seccomp` and `landlock`; nothing if they are not confined.
    pub fn layers(&self) -> Vec<String> {
        let Some(confinement) = &self.confinement else {
            return Vec::new();
        };
        let layers = [
            ("seccomp", true),
            ("landlock", confinement.limits_files()),
            ("user", self.user.is_some()),
        ];
        layers
            .iter()
            .filter(|(_, is_there)| *is_there)
            .map(|(name, _)| (*name).to_owned())
            .collect()
    }

    /// Whether its processes are confined.
    pub fn is_confined(&self) -> bool {
        self.confinement.is_some()
    }

    /// Starts a process. On Linux it is killed when the thread that has started it ends.
    ///
    /// # Errors
    ///
    /// If the system cannot start or confine it.
    pub fn start(&self, start: Start<'_>) -> io::Result<Process> {
        let output = match start.stdout {
            Some(stdout) => stdout,
            None => start.output.try_clone()?,
        };
        let streams = [start.stdin, output, start.output];
        let variables: Vec<(OsString, OsString)> = match start.variables {
            Variables::All => std::env::vars_os().collect(),
            Variables::Only(names) => names.iter().filter_map(|name| variable(name)).collect(),
        };
        let group = match start.group {
            Group::Own => 0,
            Group::Of(leader) => leader.as_raw_nonzero().get(),
        };
        let inherited = start.inherited.as_ref().map(Inherited::new).transpose()?;
        let told = inherited.as_ref().map(Inherited::arguments);
        let told = told.iter().flatten().map(String::as_str);
        let arguments: Vec<&str> = start.arguments.iter().copied().chain(told).collect();
        #[cfg(target_os = "linux")]
        if self.user.is_none() {
            return self.launch(&arguments, &variables, streams, group, inherited);
        }
        self.spawn(&arguments, variables, streams, group, inherited)
    }

    /// Starts a process without a copy of this one's memory, which the process has until it executes the
    /// program. So it must not be one that other users may reach into.
    #[cfg(target_os = "linux")]
    fn launch(
        &self,
        arguments: &[&str],
        variables: &[(OsString, OsString)],
        streams: [OwnedFd; 3],
        group: i32,
        inherited: Option<Inherited>,
    ) -> io::Result<Process> {
        use std::ffi::CString;
        use std::os::unix::ffi::OsStrExt;
        let path = CString::new(self.path.as_os_str().as_bytes())?;
        let arguments = [NAME].iter().chain(arguments).map(|argument| CString::new(*argument));
        let variables = variables
            .iter()
            .map(|(name, value)| CString::new([name.as_bytes(), b"=", value.as_bytes()].concat()));
        let launch = crate::linux::Launch {
            path: &path,
            arguments: &arguments.collect::<Result<Vec<_>, _>>()?,
            variables: &variables.collect::<Result<Vec<_>, _>>()?,
            streams,
            inherited,
            group,
            confinement: self.confinement.clone(),
        };
        launch.start().map(Process::new)
    }

    /// Starts a process that is a copy of this one until it executes the program.
    fn spawn(
        &self,
        arguments: &[&str],
        variables: Vec<(OsString, OsString)>,
        [input, output, errors]: [OwnedFd; 3],
        group: i32,
        inherited: Option<Inherited>,
    ) -> io::Result<Process> {
        let mut command = Command::new(&self.path);
        command.arg0(NAME).args(arguments).env_clear().envs(variables);
        command.stdin(input).stdout(output).stderr(errors).process_group(group);
        if let Some(user) = self.user {
            // This drops all further groups, too.
            command.uid(user).gid(user);
        }
        let mut confinement = self.confinement.clone();
        #[cfg(target_os = "linux")]
        let parent = rustix::process::getpid();
        let prepare = move || {
            #[cfg(target_os = "linux")]
            crate::linux::end_with(parent)?;
            confinement.as_mut().map_or(Ok(()), Confinement::apply)?;
            inherited.as_ref().map_or(Ok(()), |inherited| keep(inherited.number()))
        };
        // SAFETY: the closure makes system calls and nothing else: it neither allocates nor locks.
        unsafe { command.pre_exec(prepare) };
        let child = command.spawn()?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        pid.map(Process::new).ok_or_else(|| io::Error::other("the process has no number"))
    }
}

fn variable(name: &'static str) -> Option<(OsString, OsString)> {
    std::env::var_os(name).map(|value| (name.into(), value))
}
