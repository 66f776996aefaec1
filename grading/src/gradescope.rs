//! An autograder for Gradescope: this tree without its solutions, and the two scripts that its harness
//! runs.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::handout::Handout;
use crate::seeds::Secret;

const SETUP: &str = include_str!("../gradescope/setup.sh");
const RUN: &str = include_str!("../gradescope/run_autograder");

/// Writes the archive.
///
/// # Errors
///
/// If the tree cannot be cut, or the archive not be written.
pub(crate) fn pack(
    root: &Path,
    out: &Path,
    stages: &[String],
    seeds: u64,
    secret: Option<&Path>,
) -> Result<(), String> {
    if stages.iter().any(|stage| !stage.chars().all(|letter| letter.is_ascii_alphanumeric())) {
        return Err(format!("\"{}\" are no stages such as 2A,2B", stages.join(",")));
    }
    let tree = Handout::for_graders(root)?;
    let scratch = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let own = scratch.path().join("secret");
    let secret = secret.unwrap_or(&own);
    Secret::open(secret)?;
    let secret = std::fs::read(secret)
        .map_err(|error| format!("cannot read {}: {error}", secret.display()))?;
    let stages =
        if stages.is_empty() { String::new() } else { format!("--stages {}", stages.join(",")) };
    let run = RUN.replace("@SEEDS@", &seeds.to_string()).replace("@STAGES@", &stages);
    let setup = SETUP.replace("@TOOLCHAIN@", &toolchain()?);
    let write = || -> zip::result::ZipResult<()> {
        let mut archive = ZipWriter::new(File::create(out)?);
        let plain = SimpleFileOptions::default().unix_permissions(0o644);
        let program = SimpleFileOptions::default().unix_permissions(0o755);
        let mut put = |name: &str, content: &[u8], options| {
            archive.start_file(name, options)?;
            archive.write_all(content)?;
            Ok::<(), zip::result::ZipError>(())
        };
        put("setup.sh", setup.as_bytes(), program)?;
        put("run_autograder", run.as_bytes(), program)?;
        put("secret", &secret, plain)?;
        for (path, content) in &tree.files {
            put(&format!("tree/{}", path.display()), content, plain)?;
        }
        archive.finish()?;
        Ok(())
    };
    write().map_err(|error| format!("cannot write {}: {error}", out.display()))
}

/// The version of the compiler at hand, which is what the seeds' runs depend on.
fn toolchain() -> Result<String, String> {
    let output = Command::new("rustc").arg("--version").output();
    let output = output.map_err(|error| format!("rustc does not start: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().nth(1).ok_or("rustc does not say its version")?;
    Ok(version.to_owned())
}
