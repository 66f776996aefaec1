//! The script that compiles a submission in the sandbox.

use std::path::{Path, PathBuf};

use crate::sandbox::{Limits, Task};
use crate::toolchain::Toolchain;

/// The most that a compilation may write, in bytes, where the sandbox can limit it.
const SCRATCH_SIZE: u64 = 3 << 30;

/// Compiles a submission. It works in `/`, because cargo looks for settings in the current folder and all
/// folders above it. What the base has compiled is linked to and not copied; cargo locks and rewrites none of
/// it but its own lock.
const SCRIPT: &str = r#"
set -e
base=$1 build=$2 submission=$3 out=$4
mkdir "$build/tmp"
cp -a "$base/workspace" "$build"
cp -rs "$base/target" "$build"
rm "$build/target/debug/.cargo-lock"
cp -R "$submission/." "$build/workspace"
cd /
export CARGO_TARGET_DIR=$build/target TMPDIR=$build/tmp
cargo build --manifest-path "$build/workspace/Cargo.toml" --frozen --quiet --package lab \
  --message-format json >"$out/build.json" 2>"$out/build.txt"
cp "$build/target/debug/lab" "$out/lab"
"#;

/// The folders that the script uses.
pub(super) struct Folders<'a> {
    /// What all submissions have in common, compiled.
    pub(super) base: &'a Path,
    /// Where the submission is compiled; it is empty.
    pub(super) build: &'a Path,
    /// The submission's files.
    pub(super) submission: &'a Path,
    /// Where the program and the compiler's messages go.
    pub(super) out: &'a Path,
}

/// The task that runs the script.
pub(super) fn task(folders: &Folders<'_>, toolchain: &Toolchain) -> Task {
    let Folders { base, build, submission, out } = folders;
    let mut arguments = ["-c", SCRIPT, "build"].map(str::to_owned).to_vec();
    arguments.extend([base, build, submission, out].map(|path| path.display().to_string()));
    let mut readable = toolchain.readable();
    readable.extend([base.to_path_buf(), submission.to_path_buf()]);
    Task {
        program: PathBuf::from("/bin/sh"),
        arguments,
        environment: toolchain.environment(),
        readable,
        writable: vec![out.to_path_buf()],
        scratch: Some((build.to_path_buf(), SCRATCH_SIZE)),
        sees_processes: false,
        limits: Limits::BUILD,
        user: None,
    }
}
