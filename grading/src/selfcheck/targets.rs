//! What the attacks try to reach.

use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use super::findings::Findings;
use crate::files::write_file;

/// What no report may ever contain.
pub(super) const SECRET: &str = "planted-0d9f3c1e-secret";

/// What the attacks try to reach.
pub(super) struct Targets {
    listener: TcpListener,
    /// A file that no submission may read.
    secret: PathBuf,
    /// A folder that no submission may write to.
    harm: PathBuf,
}

impl Targets {
    /// Targets in this folder.
    pub(super) fn new(folder: &Path) -> Result<Self, String> {
        let (secret, harm) = (folder.join("secret.txt"), folder.join("harm"));
        write_file(&secret, SECRET.as_bytes())?;
        let create = || -> io::Result<TcpListener> {
            std::fs::create_dir_all(&harm)?;
            let listener = TcpListener::bind("127.0.0.1:0")?;
            listener.set_nonblocking(true)?;
            Ok(listener)
        };
        let listener = create().map_err(|error| error.to_string())?;
        Ok(Targets { listener, secret, harm })
    }

    /// What stands for the targets in attacks, and what it stands for.
    pub(super) fn names(&self) -> Result<[(&'static str, String); 4], String> {
        let port = self.listener.local_addr().map_err(|error| error.to_string())?.port();
        Ok([
            ("@SECRET_FILE@", self.secret.display().to_string()),
            ("@HARM@", self.harm.display().to_string()),
            ("@PORT@", port.to_string()),
            ("@GRADER@", std::process::id().to_string()),
        ])
    }

    /// Notes whether any of them was reached.
    pub(super) fn check_untouched(&self, findings: &mut Findings) {
        let untouched = self.harm.read_dir().is_ok_and(|mut files| files.next().is_none());
        findings.note("no file was written", untouched, "one was");
        let called = self.listener.accept().is_ok();
        findings.note("no connection was made", !called, "one was");
    }
}
