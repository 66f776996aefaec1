//! The Rust toolchain, as compilations in the sandbox see it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What programs need of the system.
pub(crate) const SYSTEM: &[&str] =
    &["/usr", "/bin", "/lib", "/lib64", "/etc/alternatives", "/etc/ld.so.cache"];

/// Where cargo, the compiler and the sources of packages are.
#[derive(Debug, Clone)]
pub(crate) struct Toolchain {
    sysroot: PathBuf,
    /// The packages' sources.
    registry: PathBuf,
    /// A cargo home that holds those sources and none of the user's settings.
    home: PathBuf,
}

impl Toolchain {
    /// The toolchain at hand, with a cargo home of its own in this folder.
    ///
    /// # Errors
    ///
    /// If the compiler does not say where it is, or the folder cannot be written to.
    pub(crate) fn find(folder: &Path) -> Result<Self, String> {
        let output = Command::new("rustc").args(["--print", "sysroot"]).output();
        let output = output.map_err(|error| format!("rustc does not start: {error}"))?;
        let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        if !sysroot.join("bin/cargo").is_file() {
            return Err(format!("there is no cargo in the toolchain {}", sysroot.display()));
        }
        let home = || std::env::home_dir().unwrap_or_default().join(".cargo");
        let user = std::env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from);
        let (registry, home) = (user.join("registry"), folder.join("home"));
        let link = home.join("registry");
        if std::fs::read_link(&link).ok().as_ref() != Some(&registry) {
            // It may point to where the sources were before.
            let _ = std::fs::remove_file(&link);
            std::fs::create_dir_all(&home)
                .and_then(|()| std::os::unix::fs::symlink(&registry, &link))
                .map_err(|error| format!("cannot write to {}: {error}", home.display()))?;
        }
        Ok(Toolchain { sysroot, registry, home })
    }

    pub(crate) fn cargo(&self) -> PathBuf {
        self.sysroot.join("bin/cargo")
    }

    /// What compilations read.
    pub(crate) fn readable(&self) -> Vec<PathBuf> {
        let own = [self.sysroot.clone(), self.registry.clone(), self.home.clone()];
        SYSTEM.iter().map(PathBuf::from).chain(own).collect()
    }

    /// The whole environment of a compilation; another one would build everything anew.
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
