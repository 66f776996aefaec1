//! The script that compiles a submission in the sandbox.

use std::path::{Path, PathBuf};

use crate::policy::Policy;
use crate::sandbox::{Limits, Task};
use crate::toolchain::Toolchain;
use crate::tree;

/// The most that a compilation may write, in bytes, where the sandbox can limit it.
const SCRATCH_SIZE: u64 = 3 << 30;

/// Compiles a submission. It works in `/`, because cargo looks for settings in the current folder and all
/// folders above it. Clippy has a time limit of its own, because it can run forever on code that the compiler
/// rejects at once.
const SCRIPT: &str = r#"
set -e
base=$1 build=$2 submission=$3 out=$4 copy=$5 policy=$6
shift 6
if [ "$copy" = copy ]; then cp -a "$base/." "$build"; fi
cp -R "$submission/." "$build/workspace"
cd /
export CARGO_TARGET_DIR=$build/target TMPDIR=$build/tmp
packages=
for package; do packages="$packages --package $package"; done
CLIPPY_CONF_DIR=$build/policy timeout 60 cargo clippy --manifest-path "$build/workspace/Cargo.toml" --frozen --quiet \
  $packages --no-deps \
  --message-format json -- -F clippy::disallowed_methods -F clippy::disallowed_types \
  >"$out/clippy.json" 2>"$out/clippy.txt" || echo $? >"$out/clippy.code"
if grep -q '"code":"clippy::disallowed' "$out/clippy.json" && [ "$policy" = enforced ]; then exit 1; fi
cargo build --manifest-path "$build/workspace/Cargo.toml" --frozen --quiet --package lab \
  --message-format json >"$out/build.json" 2>"$out/build.txt"
cp "$build/target/debug/lab" "$out/lab"
for package; do cp "$build/target/debug/deps/lib$package-"*.rlib "$out/$package.rlib"; done
"#;

/// The folders that the script uses.
pub(super) struct Folders<'a> {
    /// What all submissions have in common, compiled.
    pub(super) base: &'a Path,
    /// Where the submission is compiled.
    pub(super) build: &'a Path,
    /// The submission's files.
    pub(super) submission: &'a Path,
    /// Where the program and the compiler's messages go.
    pub(super) out: &'a Path,
}

/// The task that runs the script. With `copy_base` the script copies the base to an empty build folder first.
pub(super) fn task(
    folders: &Folders<'_>,
    toolchain: &Toolchain,
    copy_base: bool,
    policy: Policy,
) -> Task {
    let Folders { base, build, submission, out } = folders;
    let mut arguments = ["-c", SCRIPT, "build"].map(str::to_owned).to_vec();
    arguments.extend([base, build, submission, out].map(|path| path.display().to_string()));
    let copy = if copy_base { "copy" } else { "keep" };
    let policy = if policy.is_enforced() { "enforced" } else { "skipped" };
    arguments.extend([copy, policy].map(str::to_owned));
    arguments.extend(packages().map(str::to_owned));
    let mut readable = toolchain.readable();
    readable.extend([base.to_path_buf(), submission.to_path_buf()]);
    Task {
        program: PathBuf::from("/bin/sh"),
        arguments,
        environment: toolchain.environment(),
        readable,
        writable: vec![out.to_path_buf()],
        scratch: Some((build.to_path_buf(), SCRATCH_SIZE)),
        limits: Limits::BUILD,
        user: None,
    }
}

/// The crates that hold students' files.
pub(super) fn packages() -> impl Iterator<Item = &'static str> {
    tree::LABS.iter().map(|lab| lab.package)
}
