//! Submissions that attack the grader. Each is tried as it would be graded, and those that a gate stops
//! once more with the gates open, so that the walls behind are tried, too.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use super::{Extent, Findings, all_text, classes, grade_folder, put};
use crate::grade::Gates;
use crate::runlog::Outcome;
use crate::standing::Standing;
use crate::tree;

/// What no report may ever hold.
const SECRET: &str = "planted-0d9f3c1e-secret";

/// An attack, and what must become of it.
struct Attack {
    name: String,
    source: String,
    gate: String,
    behind: Option<String>,
}

pub(super) fn check(extent: Extent, folder: &Path, findings: &mut Findings) -> Result<(), String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    listener.set_nonblocking(true).map_err(|error| error.to_string())?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let secret = folder.join("secret.txt");
    let harm = folder.join("harm");
    std::fs::create_dir_all(&harm).map_err(|error| error.to_string())?;
    put(&secret, SECRET.as_bytes())?;
    let attacks = read_all(&secret, &harm, port)?;
    findings.note("there are at least 25 attacks", attacks.len() >= 25, &attacks.len().to_string());

    for (gates, name) in [(Gates::Shut, "as graded"), (Gates::Open, "behind the gates")] {
        let submissions = folder.join(name).join("submissions");
        let results = folder.join(name).join("results");
        let tried: Vec<&Attack> =
            attacks.iter().filter(|attack| attack.expected(gates).is_some()).collect();
        for attack in &tried {
            let file = submissions.join(format!("{}.rs", attack.name));
            put(&file, attack.source.as_bytes())?;
        }
        let standings = grade_folder(extent, &submissions, &results, &["2A"], gates)?;
        for attack in tried {
            let claim = format!("{name}: {}", attack.name);
            match standings.get(&attack.name) {
                Some(standing) => attack.check(standing, &results, gates, &claim, findings)?,
                None => findings.note(&claim, false, "it is lost"),
            }
        }
        let text = all_text(&results);
        findings.note(&format!("{name}: no secret is told"), !text.contains(SECRET), "one is");
    }
    let untouched = std::fs::read_dir(&harm).is_ok_and(|mut files| files.next().is_none());
    findings.note("no file was written", untouched, "there is one");
    findings.note("nobody called home", listener.accept().is_err(), "somebody did");
    let left = Command::new("pgrep").args(["-f", "31415926"]).output();
    let left = left.is_ok_and(|output| !output.stdout.is_empty());
    findings.note("no process is left", !left, "one is");
    Ok(())
}

/// Every attack of `grading/attacks`, with what it attacks filled in.
fn read_all(secret: &Path, harm: &Path, port: u16) -> Result<Vec<Attack>, String> {
    let folder = tree::root().join("grading/attacks");
    let fail = |error| format!("cannot read {}: {error}", folder.display());
    let skeleton = std::fs::read_to_string(folder.join("skeleton.rs")).map_err(fail)?;
    let mut attacks = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if name == "skeleton" {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(fail)?;
        let text = text
            .replace("@SECRET_FILE@", &secret.display().to_string())
            .replace("@HARM@", &harm.display().to_string())
            .replace("@PORT@", &port.to_string());
        let field = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key));
            line.map(|value| value.trim().to_owned())
        };
        let gate = field("// Gate:").ok_or_else(|| format!("attack {name} names no gate"))?;
        let behind = field("// Behind:");
        attacks.push(Attack { name, source: format!("{skeleton}\n{text}"), gate, behind });
    }
    attacks.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(attacks)
}

impl Attack {
    fn expected(&self, gates: Gates) -> Option<&str> {
        match gates {
            Gates::Shut => Some(&self.gate),
            Gates::Open => self.behind.as_deref(),
        }
    }

    fn check(
        &self,
        standing: &Standing,
        results: &Path,
        gates: Gates,
        claim: &str,
        findings: &mut Findings,
    ) -> Result<(), String> {
        let expected = self.expected(gates).unwrap_or_default();
        let classes = classes(results, &self.name)?;
        let mut names: Vec<String> = classes
            .iter()
            .filter_map(|class| serde_json::to_value(class).ok()?.as_str().map(str::to_owned))
            .collect();
        names.sort();
        names.dedup();
        let right = match expected {
            "policy" => standing.outcome == Outcome::Policy,
            "build_error" => standing.outcome == Outcome::BuildError,
            "any" => !names.is_empty(),
            classes => {
                let classes = classes.strip_prefix("run:").unwrap_or(classes);
                let meant: Vec<&str> = classes.split(',').map(str::trim).collect();
                !names.is_empty() && names.iter().all(|name| meant.contains(&name.as_str()))
            }
        };
        let message = standing.message.lines().next().unwrap_or_default();
        let seen = format!(
            "{} points, {}, {} {message}",
            standing.points,
            standing.outcome.describe(),
            names.join(", ")
        );
        let holds = right && standing.points == 0.0 && !names.contains(&"pass".to_owned());
        findings.note(&format!("{claim}: {expected}"), holds, &seen);
        Ok(())
    }
}
