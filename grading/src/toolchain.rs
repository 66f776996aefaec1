//! The Rust toolchain, as it appears to compilations in the sandbox.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::write_file;
use crate::{tree, vendored};

/// The parts of the system that programs need.
pub(crate) const SYSTEM_PATHS: &[&str] =
    &["/usr", "/bin", "/lib", "/lib64", "/etc/alternatives", "/etc/ld.so.cache"];

/// Where cargo, the compiler and the sources of the dependencies are.
#[derive(Debug, Clone)]
pub(crate) struct Toolchain {
    sysroot: PathBuf,
    /// The sources of the dependencies.
    registry: PathBuf,
    /// The same as a folder of vendored crates, if cargo's settings name one.
    vendored: Option<PathBuf>,
    /// A cargo home with those sources, and with settings of its own in place of the user's.
    home: PathBuf,
    pub(crate) settings: String,
}

impl Toolchain {
    /// The installed toolchain, with a separate cargo home in this folder, in which these packages are to be
    /// compiled with little work. Cargo calls `wrapper` instead of the compiler, as it does for students.
    ///
    /// # Errors
    ///
    /// If the toolchain cannot be found, or the folder cannot be written to.
    pub(crate) fn find(folder: &Path, packages: &[&str], wrapper: &Path) -> Result<Self, String> {
        let output = Command::new("rustc").args(["--print", "sysroot"]).output();
        let output = output.map_err(|error| format!("cannot start rustc: {error}"))?;
        let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        if !sysroot.join("bin/cargo").is_file() {
            return Err(format!("the toolchain {} contains no cargo", sysroot.display()));
        }
        let (registry, home) = (user_cargo_home().join("registry"), folder.join("home"));
        link(&registry, &home.join("registry"))
            .map_err(|error| format!("cannot write to {}: {error}", home.display()))?;
        let places = [tree::root().join(".cargo"), user_cargo_home()];
        let vendored = vendored::folder(&places.map(|folder| folder.join("config.toml")))?;
        let settings = settings(packages, wrapper, vendored.as_deref());
        let file = home.join("config.toml");
        // Another grader may be reading it.
        if std::fs::read_to_string(&file).ok().as_deref() != Some(&settings) {
            write_file(&file, &settings)?;
        }
        Ok(Toolchain { sysroot, registry, vendored, home, settings })
    }

    /// The path of cargo.
    pub(crate) fn cargo(&self) -> PathBuf {
        self.sysroot.join("bin/cargo")
    }

    /// The files and folders that a compilation reads.
    pub(crate) fn readable(&self) -> Vec<PathBuf> {
        let own = [self.sysroot.clone(), self.registry.clone(), self.home.clone()];
        SYSTEM_PATHS.iter().map(PathBuf::from).chain(own).chain(self.vendored.clone()).collect()
    }

    /// The complete environment of a compilation. With any other, cargo would compile everything again.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let path = format!("{}/bin:/usr/local/bin:/usr/bin:/bin", self.sysroot.display());
        let variables = [
            ("PATH", path),
            ("CARGO_HOME", self.home.display().to_string()),
            ("CARGO_INCREMENTAL", "0".to_owned()),
            ("CARGO_NET_OFFLINE", "true".to_owned()),
            ("CARGO_TERM_COLOR", "never".to_owned()),
        ];
        variables.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }
}

/// Settings of cargo with which these packages take less work to compile: a crate in one piece needs a third
/// less of it, and what comes out is as fast.
fn settings(packages: &[&str], wrapper: &Path, vendored: Option<&Path>) -> String {
    let of = |package: &&str| format!("[profile.dev.package.{package}]\ncodegen-units = 1\n");
    let build = format!("[build]\nrustc-workspace-wrapper = {:?}\n", wrapper.display().to_string());
    let sources = vendored.map(crate::vendored::settings).unwrap_or_default();
    build + &packages.iter().map(of).collect::<String>() + &sources
}

fn user_cargo_home() -> PathBuf {
    let default = || std::env::home_dir().unwrap_or_default().join(".cargo");
    std::env::var_os("CARGO_HOME").map_or_else(default, PathBuf::from)
}

/// Makes a symbolic link, or corrects one that points elsewhere.
fn link(target: &Path, link: &Path) -> std::io::Result<()> {
    if std::fs::read_link(link).is_ok_and(|found| found == target) {
        return Ok(());
    }
    // There may be an old link, or none.
    let _ = std::fs::remove_file(link);
    std::fs::create_dir_all(link.parent().unwrap_or(link))?;
    std::os::unix::fs::symlink(target, link)
}
