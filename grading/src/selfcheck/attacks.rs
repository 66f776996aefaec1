//! Submissions that attack the grader.

use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::attack::Attack;
use super::findings::Findings;
use super::grading::{Extent, all_text, grade_folder, put};

/// What no report may ever contain.
const SECRET: &str = "planted-0d9f3c1e-secret";

/// Part of the command line of every process that an attack tries to leave behind.
const LEFT_BEHIND: &str = "31415926";

/// Checks that no attack gets points or does harm.
pub(super) fn check(extent: Extent, folder: &Path, findings: &mut Findings) -> Result<(), String> {
    let targets = Targets::new(folder)?;
    let attacks = targets.attacks()?;
    findings.note("there are at least 25 attacks", attacks.len() >= 25, &attacks.len().to_string());
    grade_all(extent, &attacks, folder, findings)?;
    targets.check_untouched(findings);
    Ok(())
}

/// Grades the attacks.
fn grade_all(
    extent: Extent,
    attacks: &[Attack],
    folder: &Path,
    findings: &mut Findings,
) -> Result<(), String> {
    let (submissions, results) = (folder.join("submissions"), folder.join("results"));
    for attack in attacks {
        put(&submissions.join(format!("{}.rs", attack.name)), attack.source.as_bytes())?;
    }
    let students = grade_folder(extent, &submissions, &results, &["2A"])?;
    for attack in attacks {
        match students.get(&attack.name) {
            Some(student) => attack.check(student, &results, findings)?,
            None => findings.note(&attack.name, false, "it is missing"),
        }
    }
    let leaked = all_text(&results).contains(SECRET);
    findings.note("no report contains the secret", !leaked, "one does");
    Ok(())
}

/// What the attacks try to reach.
struct Targets {
    listener: TcpListener,
    /// A file that no submission may read.
    secret: PathBuf,
    /// A folder that no submission may write to.
    harm: PathBuf,
}

impl Targets {
    fn new(folder: &Path) -> Result<Self, String> {
        let (secret, harm) = (folder.join("secret.txt"), folder.join("harm"));
        put(&secret, SECRET.as_bytes())?;
        let create = || -> io::Result<TcpListener> {
            std::fs::create_dir_all(&harm)?;
            let listener = TcpListener::bind("127.0.0.1:0")?;
            listener.set_nonblocking(true)?;
            Ok(listener)
        };
        let listener = create().map_err(|error| error.to_string())?;
        Ok(Targets { listener, secret, harm })
    }

    /// Every attack of `grading/attacks`, aimed at these targets.
    fn attacks(&self) -> Result<Vec<Attack>, String> {
        let port = self.listener.local_addr().map_err(|error| error.to_string())?.port();
        let targets = [
            ("@SECRET_FILE@", self.secret.display().to_string()),
            ("@HARM@", self.harm.display().to_string()),
            ("@PORT@", port.to_string()),
        ];
        Attack::read_all(&targets)
    }

    fn check_untouched(&self, findings: &mut Findings) {
        let untouched = self.harm.read_dir().is_ok_and(|mut files| files.next().is_none());
        findings.note("no file was written", untouched, "one was");
        let called = self.listener.accept().is_ok();
        findings.note("no connection was made", !called, "one was");
        let left = Command::new("pgrep").args(["-f", LEFT_BEHIND]).output();
        let left = left.is_ok_and(|output| !output.stdout.is_empty());
        findings.note("no process is left", !left, "one is");
    }
}
